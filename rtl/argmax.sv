// Part of stream_output: which row of a vector has the largest logit, two rows per cycle, ties to the lowest. The logits of a
// pair stand in the cycle after it is taken.
module argmax (
    input wire clk,
    input wire resetn,
    input wire takes_pair,
    input wire two,         // both logits of the pair are rows
    input wire vector_done, // this pair, or the turn after the last one, ends the vector
    input wire [31:0] logit0,
    input wire [31:0] logit1,
    output reg [31:0] best_index // in the cycle after the last pair's logits
);
  reg begins; // the next pair is a vector's first
  reg pair_valid, pair_first, pair_two;
  reg [31:0] pair_index, row; // of the first logit
  wire [31:0] index = begins ? 32'd0 : row;
  always @(posedge clk) begin
    begins <= !resetn || vector_done || (begins && !takes_pair);
    pair_valid <= takes_pair;
    pair_first <= begins;
    pair_two <= two;
    pair_index <= index;
    if (takes_pair) row <= index + 32'd2;
  end
  // Three comparisons at once: among the two, and of each with the best so far.
  reg signed [31:0] best;
  wire second_wins = pair_two && $signed(logit1) > $signed(logit0);
  wire improves = pair_first || (second_wins ? $signed(logit1) > best : $signed(logit0) > best);
  always @(posedge clk)
    if (pair_valid && improves) begin
      best <= second_wins ? logit1 : logit0;
      best_index <= pair_index + {31'd0, second_wins};
    end
endmodule
