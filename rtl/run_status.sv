// Part of control_registers: a run is finished when its last beat was transferred and its last chunk issued, whichever came
// first. By itself because the sequencer decides late in a cycle that a chunk issues.
module run_status (
    input wire clk,
    input wire resetn,
    input wire start,
    input wire clear_interrupt,
    input wire running,
    input wire run_ends,           // the last chunk issues
    input wire output_last_of_run, // the last beat is being transferred
    output reg done,
    output reg interrupt
);
  reg last_beat_left;
  wire beats_done = last_beat_left | output_last_of_run;
  wire finished = beats_done & (run_ends | ~running);
  always @(posedge clk) begin
    if (!resetn) begin
      done <= 1'b0;
      interrupt <= 1'b0;
      last_beat_left <= 1'b0;
    end else begin
      done <= finished | (done & ~start);
      interrupt <= finished | (interrupt & ~clear_interrupt);
      last_beat_left <= beats_done & ~finished;
    end
  end
endmodule
