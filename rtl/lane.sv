// One lane of dot_product_lanes: adder tree over the activations whose weight bit is 1, accumulator, two part registers.
// With the operands of the tree in cycle t+2, its sum is visible in t+2+T and the accumulator in t+3+T.
module lane #(
    parameter integer LANE_WIDTH = 16,
    parameter integer BITS = 8,       // of an activation
    parameter integer PART_BITS = 25,
    parameter integer PAIRS = (LANE_WIDTH + 1) / 2
) (
    input wire clk,
    input wire [LANE_WIDTH*BITS-1:0] activations,
    input wire [PAIRS*(BITS+1)-1:0] pair_sums,
    input wire [LANE_WIDTH-1:0] weights,
    input wire add,
    input wire [1:0] accumulate, // 0 begin a part, 1 go on, 2 begin a plane, 3 begin the second plane
    input wire capture_0,
    input wire capture_1,
    output reg [PART_BITS-1:0] part_0,
    output reg [PART_BITS-1:0] part_1
);
  localparam integer LEVELS = (LANE_WIDTH > 2) ? $clog2(LANE_WIDTH) : 1;
  localparam integer SUM_BITS = BITS + LEVELS;
  wire [SUM_BITS-1:0] sum;
  masked_sum #(.INPUTS(LANE_WIDTH), .BITS(BITS)) tree (
      .clk(clk), .activations(activations), .pair_sums(pair_sums), .weights(weights), .sum(sum)
  );
  reg [PART_BITS-1:0] accumulator;
  // The top plane weighs -2^(n-1): it is summed up positive, and the second plane begins from minus its double,
  // -2a = 2 * ~a + 1 + 1, the last 1 as carry. Written as a subtraction, sum + base = sum - ~base - 1, with the
  // carry in an extra bit below, because then the tree's sum alone feeds the carry chain: one LUT a bit.
  wire [PART_BITS-1:0] base = accumulate == 2'd0 ? {PART_BITS{1'b0}} :
                              accumulate == 2'd1 ? accumulator :
                              accumulate == 2'd2 ? {accumulator[PART_BITS-2:0], 1'b0} :
                                                   {~accumulator[PART_BITS-2:0], 1'b1};
  wire [PART_BITS:0] next = {{{(PART_BITS - SUM_BITS) {sum[SUM_BITS-1]}}, sum}, 1'b0} - {~base, accumulate != 2'd3};
  always @(posedge clk) begin
    if (add) accumulator <= next[PART_BITS:1];
    if (capture_0) part_0 <= accumulator;
    if (capture_1) part_1 <= accumulator;
  end
  wire unused_carry = &{1'b0, next[0]};
endmodule
