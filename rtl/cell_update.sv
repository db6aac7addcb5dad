// cell_update: c' = f c + i g and h' = o tanh(c') of UPDATE_WIDTH units per cycle. Gates and c stand in the tables' and
// the cell memory's output registers in cycle q = p+7, which are the multipliers' input registers; c' is visible in
// q+4, its table address in q+5 (kCellCycles), tanh(c') comes in q+7, h' is visible in q+11 (kHiddenCycles later).
module cell_update #(
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer LUT_ADDRESS_BITS = 10
) (
    input wire clk,
    input wire [4*UPDATE_WIDTH*16-1:0] gates,                          // q
    input wire [UPDATE_WIDTH*16-1:0] cells,                            // q
    output wire [UPDATE_WIDTH*16-1:0] next_cells,                      // q+4
    output wire [UPDATE_WIDTH*LUT_ADDRESS_BITS-1:0] cell_addresses,    // q+5
    input wire [UPDATE_WIDTH*16-1:0] cell_tanh,                        // q+7
    output wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] hidden              // q+11
);
  `include "timing.svh"
  localparam integer A = ACTIVATION_BITS;
  localparam integer N = LUT_ADDRESS_BITS;
  localparam integer CELL_SHIFT = 19;              // 2 * 15 - 11
  localparam integer HIDDEN_SHIFT = 30 - (A - 1);
  genvar e;
  generate
    for (e = 0; e < UPDATE_WIDTH; e = e + 1) begin : g_unit
      // c' = (16 f c + i g + 2^18) >> 19 = (f c + ((i g + 2^18) >> 4)) >> 15. i g goes through one multiplier, f c a
      // cycle later through the next, which adds the two.
      reg signed [31:0] input_product;
      reg signed [32:0] input_sum;
      reg signed [15:0] f, c;
      reg signed [31:0] kept_product;
      reg signed [32:0] cell_sum; // no bit more than the sum has: Yosys 0.52 loses the driver of a second sign bit
      reg signed [15:0] next_cell;
      wire signed [15:0] gate_i = gates[(4*e+0)*16+:16];
      wire signed [15:0] gate_f = gates[(4*e+1)*16+:16];
      wire signed [15:0] gate_g = gates[(4*e+2)*16+:16];
      wire signed [15:0] gate_o = gates[(4*e+3)*16+:16];
      localparam signed [32:0] CELL_HALF = 33'sd1 << (CELL_SHIFT - 1);
      wire [17:0] rounded_cell = cell_sum[32:CELL_SHIFT-4];
      wire cell_overflow = |rounded_cell[17:15] && !(&rounded_cell[17:15]);
      always @(posedge clk) begin
        input_product <= gate_i * gate_g;                                       // q+1
        f <= gate_f;
        c <= cells[e*16+:16];
        input_sum <= {input_product[31], input_product} + CELL_HALF;            // q+2
        kept_product <= f * c;
        cell_sum <= {{4{input_sum[32]}}, input_sum[32:4]} + {kept_product[31], kept_product}; // q+3
        next_cell <= cell_overflow ? {rounded_cell[17], {15{~rounded_cell[17]}}} : rounded_cell[15:0]; // q+4
      end
      assign next_cells[e*16+:16] = next_cell;
      // Address of tanh(c'): c' doubled and saturated to Q3.12, rounded to N bits, saturated.
      wire [15:0] z = next_cell[15] != next_cell[14] ? {next_cell[15], {15{~next_cell[15]}}} : {next_cell[14:0], 1'b0};
      wire round_up = z[15-N] && z[15:16-N] != {1'b0, {(N - 1) {1'b1}}};
      reg [N-1:0] cell_address;
      always @(posedge clk) cell_address <= z[15:16-N] + {{(N - 1) {1'b0}}, round_up}; // q+5
      assign cell_addresses[e*N+:N] = cell_address;
      wire unused_z = &{1'b0, z, input_sum[3:0], cell_sum[CELL_SHIFT-5:0]};
      // h'.
      wire [15:0] late_o;
      delay #(.WIDTH(16), .CYCLES(kCellCycles + kTableReadCycles)) output_gate (.clk(clk), .in(gate_o), .out(late_o));
      reg signed [15:0] o, t;
      reg signed [31:0] hidden_product;
      reg signed [32:0] hidden_sum;
      reg [A-1:0] h;
      if (A == 1) begin : g_sign
        always @(posedge clk) h <= ~hidden_sum[32];
        wire unused_sum = &{1'b0, hidden_sum[31:0]};
      end else begin : g_round
        wire [32-HIDDEN_SHIFT:0] rounded = hidden_sum[32:HIDDEN_SHIFT];
        wire overflow = |rounded[32-HIDDEN_SHIFT:A-1] && !(&rounded[32-HIDDEN_SHIFT:A-1]);
        always @(posedge clk) h <= overflow ? {rounded[32-HIDDEN_SHIFT], {(A - 1) {~rounded[32-HIDDEN_SHIFT]}}} : rounded[A-1:0];
        wire unused_sum = &{1'b0, hidden_sum[HIDDEN_SHIFT-1:0]};
      end
      localparam signed [32:0] HIDDEN_HALF = (A == 1) ? 33'sd0 : 33'sd1 << (HIDDEN_SHIFT - 1);
      always @(posedge clk) begin
        o <= late_o;                                                            // q+8
        t <= cell_tanh[e*16+:16];
        hidden_product <= o * t;                                                // q+9
        hidden_sum <= {hidden_product[31], hidden_product} + HIDDEN_HALF;       // q+10
      end
      assign hidden[e*A+:A] = h;                                                // q+11
    end
  endgenerate
endmodule
