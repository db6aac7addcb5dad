// cell_update: c' = f c + i g and h' = o tanh(c') of UPDATE_WIDTH units per cycle. Gates and c stand in the tables' and
// the cell memory's output registers in cycle q = p+7, which are the multipliers' input registers; c' is visible in
// q+4, its table address in q+5 (kCellCycles), tanh(c') comes in q+7, h' is visible in q+11 (kHiddenCycles later).
// With CELL_KINDS = 2 a GRU goes through the same multipliers: r times the sum of h in place of i g, u in place of c', and
// z (s - n) in place of o tanh(c'). The state, c' or s', is then visible in q+11 for both kinds.
module cell_update #(
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer LUT_ADDRESS_BITS = 10,
    parameter integer CELL_KINDS = 1
) (
    input wire clk,
    input wire gru,                                                    // q
    input wire [4*UPDATE_WIDTH*16-1:0] gates,                          // q; LSTM: i, f, g, o; GRU: r, -, -, z
    input wire [2*UPDATE_WIDTH*16-1:0] candidate_sums,                 // q; GRU: of x, of h
    input wire [UPDATE_WIDTH*16-1:0] cells,                            // q
    output wire [UPDATE_WIDTH*16-1:0] next_cells,                      // q+4, or q+11 with GRUs
    output wire [UPDATE_WIDTH*LUT_ADDRESS_BITS-1:0] cell_addresses,    // q+5
    input wire [UPDATE_WIDTH*16-1:0] cell_tanh,                        // q+7
    output wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] hidden              // q+11
);
  `include "timing.svh"
  localparam integer A = ACTIVATION_BITS;
  localparam integer N = LUT_ADDRESS_BITS;
  localparam integer CELL_SHIFT = 19;              // 2 * 15 - 11
  localparam integer HIDDEN_SHIFT = 30 - (A - 1);
  localparam integer TANH_CYCLES = kCellCycles + kTableReadCycles; // q+7
  localparam integer WITH_GRU = CELL_KINDS - 1;
  localparam integer FACTOR_BITS = 16 + 4 * WITH_GRU;
  localparam integer SUM_BITS = 33 + 4 * WITH_GRU; // of i g, or of 16 times r h and x

  // In which cycles a GRU's values are in the pipeline; never without GRUs.
  wire gru_4, gru_6, gru_7, gru_8, gru_9, gru_10;
  generate
    if (CELL_KINDS > 1) begin : g_kind
      // The last cycle before a long path by itself: a flip-flop is faster than a shift register LUT.
      wire gru_3;
      delay #(.WIDTH(1), .CYCLES(kCellCycles - 2)) delay_3 (.clk(clk), .in(gru), .out(gru_3));
      delay #(.WIDTH(1), .CYCLES(1)) delay_4 (.clk(clk), .in(gru_3), .out(gru_4));
      delay #(.WIDTH(1), .CYCLES(kTableReadCycles)) delay_6 (.clk(clk), .in(gru_4), .out(gru_6));
      delay #(.WIDTH(1), .CYCLES(1)) delay_7 (.clk(clk), .in(gru_6), .out(gru_7));
      delay #(.WIDTH(1), .CYCLES(1)) delay_8 (.clk(clk), .in(gru_7), .out(gru_8));
      delay #(.WIDTH(1), .CYCLES(1)) delay_9 (.clk(clk), .in(gru_8), .out(gru_9));
      delay #(.WIDTH(1), .CYCLES(1)) delay_10 (.clk(clk), .in(gru_9), .out(gru_10));
    end else begin : g_one_kind
      assign {gru_4, gru_6, gru_7, gru_8, gru_9, gru_10} = 6'd0;
      wire unused_kind = &{1'b0, gru, candidate_sums};
    end
  endgenerate

  genvar e;
  generate
    for (e = 0; e < UPDATE_WIDTH; e = e + 1) begin : g_unit
      // c' = (16 f c + i g + 2^18) >> 19 = (f c + ((i g + 2^18) >> 4)) >> 15. i g goes through one multiplier, f c a
      // cycle later through the next, which adds the two. u = (2^15 x + r h + 2^14) >> 15: 16 h is a factor in place of g,
      // 2^19 x is added to the rounding constant, and f is 0.
      reg signed [16+FACTOR_BITS-1:0] input_product;
      reg signed [SUM_BITS-1:0] input_sum;
      reg signed [15:0] f, c;
      reg signed [31:0] kept_product;
      reg signed [32:0] cell_sum; // no bit more than the sum has: Yosys 0.52 loses the driver of a second sign bit
      reg signed [15:0] next_cell;
      wire signed [15:0] gate_i = gates[(4*e+0)*16+:16];
      wire signed [15:0] gate_f = gates[(4*e+1)*16+:16];
      wire signed [15:0] gate_g = gates[(4*e+2)*16+:16];
      wire signed [15:0] gate_o = gates[(4*e+3)*16+:16];
      wire signed [FACTOR_BITS-1:0] factor;
      wire signed [SUM_BITS-1:0] input_addend; // q+1
      localparam signed [SUM_BITS-1:0] CELL_HALF = {{(SUM_BITS - 1) {1'b0}}, 1'b1} << (CELL_SHIFT - 1);
      if (CELL_KINDS > 1) begin : g_factor
        wire signed [15:0] sum_of_x = candidate_sums[2*e*16+:16];
        wire signed [15:0] sum_of_h = candidate_sums[(2*e+1)*16+:16];
        reg signed [15:0] x;
        always @(posedge clk) x <= gru ? sum_of_x : 16'sd0;
        assign factor = gru ? {sum_of_h, 4'd0} : {{4{gate_g[15]}}, gate_g};
        assign input_addend = {{2{x[15]}}, x, CELL_HALF[18:0]};
      end else begin : g_gate
        assign factor = gate_g;
        assign input_addend = CELL_HALF;
      end
      wire [17:0] rounded_cell = cell_sum[32:CELL_SHIFT-4];
      wire cell_overflow = |rounded_cell[17:15] && !(&rounded_cell[17:15]);
      always @(posedge clk) begin
        input_product <= gate_i * factor;                                       // q+1
        f <= (CELL_KINDS > 1 && gru) ? 16'sd0 : gate_f;
        c <= cells[e*16+:16];
        input_sum <= {input_product[16+FACTOR_BITS-1], input_product} + input_addend; // q+2
        kept_product <= f * c;
        cell_sum <= {{(37 - SUM_BITS) {input_sum[SUM_BITS-1]}}, input_sum[SUM_BITS-1:4]} + {kept_product[31], kept_product}; // q+3
        next_cell <= cell_overflow ? {rounded_cell[17], {15{~rounded_cell[17]}}} : rounded_cell[15:0]; // q+4
      end
      // Address of tanh(c'): c' doubled and saturated to Q3.12, rounded to N bits, saturated. u is in Q3.12 already.
      wire [15:0] z = gru_4 ? next_cell :
                      next_cell[15] != next_cell[14] ? {next_cell[15], {15{~next_cell[15]}}} : {next_cell[14:0], 1'b0};
      wire round_up = z[15-N] && z[15:16-N] != {1'b0, {(N - 1) {1'b1}}};
      reg [N-1:0] cell_address;
      always @(posedge clk) cell_address <= z[15:16-N] + {{(N - 1) {1'b0}}, round_up}; // q+5
      assign cell_addresses[e*N+:N] = cell_address;
      wire unused_z = &{1'b0, z, input_sum[3:0], cell_sum[CELL_SHIFT-5:0]};
      // h' = (o tanh(c') + half) >> HIDDEN_SHIFT; s' = (2^15 n + z (s - n) + 2^14) >> 15, and h' is s' rounded.
      wire [15:0] late_o;
      delay #(.WIDTH(16), .CYCLES(TANH_CYCLES)) output_gate (.clk(clk), .in(gate_o), .out(late_o));
      localparam signed [32:0] HIDDEN_HALF = (A == 1) ? 33'sd0 : 33'sd1 << (HIDDEN_SHIFT - 1);
      wire [15:0] tanh = cell_tanh[e*16+:16];
      wire signed [15+WITH_GRU:0] tanh_factor; // q+7
      wire signed [32:0] hidden_addend;        // q+9
      reg signed [15:0] o;
      reg signed [15+WITH_GRU:0] t;
      reg signed [31:0] hidden_product;
      reg signed [32:0] hidden_sum;
      reg [A-1:0] h;
      if (CELL_KINDS > 1) begin : g_state
        // s - n, or tanh(c') where s and the sign are 0; a carry in a bit below, as in the accumulators.
        wire [15:0] s_6;
        reg [15:0] s_7, n_8, n_9;
        delay #(.WIDTH(16), .CYCLES(TANH_CYCLES - 1)) state (.clk(clk), .in(cells[e*16+:16]), .out(s_6));
        always @(posedge clk) begin
          s_7 <= gru_6 ? s_6 : 16'd0;
          n_8 <= tanh;
          n_9 <= gru_8 ? n_8 : 16'd0;
        end
        wire [17:0] difference = {s_7[15], s_7, gru_7} + {tanh[15] ^ gru_7, tanh ^ {16{gru_7}}, gru_7};
        wire unused_below = &{1'b0, difference[0]};
        assign tanh_factor = difference[17:1];
        assign hidden_addend = {{2{n_9[15]}}, n_9, 15'd0} | (gru_9 ? 33'sd1 << 14 : HIDDEN_HALF);
        // The state that is kept.
        wire [15:0] c_10;
        reg [15:0] kept;
        delay #(.WIDTH(16), .CYCLES(kTableReadCycles + kHiddenCycles)) cell_state (.clk(clk), .in(next_cell), .out(c_10));
        always @(posedge clk) kept <= gru_10 ? hidden_sum[30:15] : c_10;        // q+11
        assign next_cells[e*16+:16] = kept;
      end else begin : g_cell
        assign tanh_factor = tanh;
        assign hidden_addend = HIDDEN_HALF;
        assign next_cells[e*16+:16] = next_cell;
      end
      if (A == 1) begin : g_sign
        always @(posedge clk) h <= ~hidden_sum[32];
        wire unused_sum = &{1'b0, hidden_sum[31:0]};
      end else begin : g_round
        wire [32-HIDDEN_SHIFT:0] rounded = hidden_sum[32:HIDDEN_SHIFT];
        wire overflow = |rounded[32-HIDDEN_SHIFT:A-1] && !(&rounded[32-HIDDEN_SHIFT:A-1]);
        wire [A-1:0] result;
        if (CELL_KINDS > 1 && A < 16) begin : g_state_bits // the upper bits of s' are those of `rounded`
          wire up = gru_10 && hidden_sum[HIDDEN_SHIFT-1] && rounded[A-1:0] != {1'b0, {(A - 1) {1'b1}}};
          assign result = rounded[A-1:0] + {{(A - 1) {1'b0}}, up};
        end else begin : g_sum_bits
          assign result = rounded[A-1:0];
        end
        always @(posedge clk) h <= overflow ? {rounded[32-HIDDEN_SHIFT], {(A - 1) {~rounded[32-HIDDEN_SHIFT]}}} : result;
        wire unused_sum = &{1'b0, hidden_sum[HIDDEN_SHIFT-1:0]};
      end
      always @(posedge clk) begin
        o <= late_o;                                                            // q+8
        t <= tanh_factor;
        hidden_product <= o * t;                                                // q+9
        hidden_sum <= {hidden_product[31], hidden_product} + hidden_addend;     // q+10
      end
      assign hidden[e*A+:A] = h;                                                // q+11
    end
  endgenerate
  wire unused_gru = &{1'b0, gru_4, gru_6, gru_7, gru_8, gru_9, gru_10};
endmodule
