// The core's timing constants, in clock cycles, with the names of docs/architecture.md ("Timing"). The RTL states
// its own; control paths take their delays from here, data paths have as many registers as the constants say.
/* verilator lint_off UNUSEDPARAM */ // every module includes all of them and uses some
localparam integer kStartCycles = 4;         // start written to the first chunk
localparam integer kVectorCycles = 5;        // first chunk of a vector to that of the next
localparam integer kInputCycles = 4;         // input beat transferred to its chunk issued
localparam integer kMemoryReadCycles = 2;    // block RAM with output register
localparam integer kAccumulateCycles = 1;
localparam integer kPartCaptureCycles = 1;
localparam integer kScaleBiasCycles = 5;     // operand, multiply, add, shift, saturate
localparam integer kScaleBiasTurnaround = 3; // least distance of two parts of a row group
localparam integer kTableReadCycles = 2;
localparam integer kCellCycles = 5;          // multiply, add, add, saturate, address of tanh(c)
localparam integer kHiddenCycles = 4;        // operand, multiply, round, saturate
localparam integer kStateWriteCycles = 1;
localparam integer kOutputFifoCycles = 2;    // pushed to TVALID
localparam integer kMinSliceFifoSlices = 32;
/* verilator lint_on UNUSEDPARAM */
