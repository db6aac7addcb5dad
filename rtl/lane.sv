// One lane of dot_product_lanes: adder tree over the activations whose weight bit is 1, accumulator, two part registers.
// With the operands of the tree in cycle t+2, its sum is visible in t+2+T and the accumulator in t+3+T. The accumulator is a
// DSP48E1 with its input and output registers: it weighs a chunk's sum with its bit plane, 2^k or, for the top plane of
// several, -2^k.
module lane #(
    parameter integer LANE_WIDTH = 16,
    parameter integer BITS = 8,       // of an activation
    parameter integer PART_BITS = 25,
    parameter integer ALL = 0,        // every weight bit is 1
    parameter integer PAIRS = (LANE_WIDTH + 1) / 2
) (
    input wire clk,
    input wire [LANE_WIDTH*BITS-1:0] activations,
    input wire [PAIRS*(BITS+1)-1:0] pair_sums,
    input wire [LANE_WIDTH-1:0] weights,
    input wire signed [7:0] plane_weight, // in t+1+T
    input wire add,                       // in t+2+T
    input wire begins,                    // a part, instead of going on
    input wire capture_0,
    input wire capture_1,
    output reg [PART_BITS-1:0] part_0,
    output reg [PART_BITS-1:0] part_1
);
  localparam integer LEVELS = (LANE_WIDTH > 2) ? $clog2(LANE_WIDTH) : 1;
  localparam integer SUM_BITS = BITS + LEVELS;
  wire [SUM_BITS-1:0] sum;
  masked_sum #(.INPUTS(LANE_WIDTH), .BITS(BITS), .ALL(ALL)) tree (
      .clk(clk), .activations(activations), .pair_sums(pair_sums), .weights(weights), .sum(sum)
  );
  reg signed [SUM_BITS-1:0] operand;
  reg signed [7:0] factor;
  reg signed [PART_BITS-1:0] total;
  /* verilator lint_off WIDTH */ // signed operands of a product take the width of the result
  wire signed [PART_BITS-1:0] product = operand * factor;
  /* verilator lint_on WIDTH */
  always @(posedge clk) begin
    operand <= sum;
    factor <= plane_weight;
    if (add) total <= product + (begins ? {PART_BITS{1'b0}} : total); // in this form synthesis finds the DSP's feedback
    if (capture_0) part_0 <= total;
    if (capture_1) part_1 <= total;
  end
endmodule
