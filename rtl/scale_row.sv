// One row of scale_bias: operand and mantissa in p+1, product p+2, sum p+3, shifted p+4, saturated p+5. The multiplier with
// its operand, product, addend and sum registers is one DSP48E1 (two where the part has more than 25 bits).
module scale_row #(
    parameter integer PART_BITS = 25,
    parameter integer SCALE_BITS = 16,
    parameter integer LUT_ADDRESS_BITS = 10,
    parameter integer SUM_BITS = 48
) (
    input wire clk,
    // p-1
    input wire next_one_plane,
    input wire next_negate,
    // p
    input wire [PART_BITS-1:0] part,
    input wire [PART_BITS-1:0] rest, // ~S, S or 0
    // p+1
    input wire [SCALE_BITS-1:0] scale,
    input wire first,                // the sum begins with the bias, else with that of the earlier part
    input wire [SUM_BITS-1:0] bias,
    input wire [SUM_BITS-1:0] earlier,
    // p+3
    output wire [SUM_BITS-1:0] sum,
    input wire [5:0] right_shift,    // of sum * 2^16
    input wire [SUM_BITS:0] overflow_mask,
    // p+5
    output reg [31:0] logit,
    output reg [LUT_ADDRESS_BITS-1:0] table_address
);
  localparam integer N = LUT_ADDRESS_BITS;
  localparam integer PRODUCT_BITS = (PART_BITS + SCALE_BITS + 1 < SUM_BITS) ? PART_BITS + SCALE_BITS + 1 : SUM_BITS;

  wire one_plane, negate;
  delay #(.WIDTH(2), .CYCLES(1)) operand_copy (.clk(clk), .in({next_one_plane, next_negate}), .out({one_plane, negate}));

  // Operand 2m - S or m, negated for a one-hot: a + rest + carry, with a = 2m or m (or its complement), and rest = ~S, S
  // or 0; written as a subtraction with the carry in a bit below, as in the accumulators.
  wire [PART_BITS-1:0] a = one_plane ? {part[PART_BITS-2:0], 1'b0} : part;
  wire [PART_BITS:0] difference = {rest, 1'b0} - {negate ? a : ~a, !(negate || one_plane)};
  wire unused_below = &{1'b0, difference[0]};
  reg signed [PART_BITS-1:0] operand;
  wire signed [SCALE_BITS:0] mantissa = {1'b0, scale};
  reg signed [PRODUCT_BITS-1:0] product;
  reg signed [SUM_BITS-1:0] addend;
  reg signed [SUM_BITS-1:0] total;
  /* verilator lint_off WIDTH */ // signed operands of a product and of a sum take the width of the result
  always @(posedge clk) begin
    operand <= difference[PART_BITS:1];
    product <= operand * mantissa;
    addend <= first ? bias : earlier;
    total <= addend + product;
  end
  /* verilator lint_on WIDTH */
  assign sum = total;

  // p+3 to p+4: shifted.
  wire [3:0] choose_16 = {right_shift[5:4] == 2'd3, right_shift[5:4] == 2'd2, right_shift[5:4] == 2'd1, right_shift[5:4] == 2'd0};
  wire [3:0] choose_4 = {right_shift[3:2] == 2'd3, right_shift[3:2] == 2'd2, right_shift[3:2] == 2'd1, right_shift[3:2] == 2'd0};
  wire [3:0] choose_1 = {right_shift[1:0] == 2'd3, right_shift[1:0] == 2'd2, right_shift[1:0] == 2'd1, right_shift[1:0] == 2'd0};
  wire [95:0] wide = {{32{total[SUM_BITS-1]}}, total, 16'd0};
  wire [46:0] by_16;
  wire [34:0] by_4;
  wire [31:0] moved;
  genvar k;
  generate
    for (k = 0; k < 47; k = k + 1) begin : g_by_16
      assign by_16[k] = (choose_16[0] & wide[k]) | (choose_16[1] & wide[k+16]) | (choose_16[2] & wide[k+32]) | (choose_16[3] & wide[k+48]);
    end
    for (k = 0; k < 35; k = k + 1) begin : g_by_4
      assign by_4[k] = (choose_4[0] & by_16[k]) | (choose_4[1] & by_16[k+4]) | (choose_4[2] & by_16[k+8]) | (choose_4[3] & by_16[k+12]);
    end
    for (k = 0; k < 32; k = k + 1) begin : g_by_1
      assign moved[k] = (choose_1[0] & by_4[k]) | (choose_1[1] & by_4[k+1]) | (choose_1[2] & by_4[k+2]) | (choose_1[3] & by_4[k+3]);
    end
  endgenerate
  wire [SUM_BITS:0] differs = {total, 1'b0} ^ {(SUM_BITS + 1) {total[SUM_BITS-1]}};
  reg [31:0] shifted;
  reg overflow, negative;
  always @(posedge clk) begin
    shifted <= moved;
    overflow <= |(differs & overflow_mask);
    negative <= total[SUM_BITS-1];
  end

  // p+4 to p+5: saturated; z only as a table address, rounded and saturated in turn.
  wire [15:0] z = overflow ? {negative, {15{~negative}}} : shifted[15:0];
  wire round_up = z[15-N] && z[15:16-N] != {1'b0, {(N - 1) {1'b1}}};
  always @(posedge clk) begin
    logit <= overflow ? {negative, {31{~negative}}} : shifted;
    table_address <= z[15:16-N] + {{(N - 1) {1'b0}}, round_up};
  end
  wire unused_moved = &{1'b0, wide, z};
endmodule
