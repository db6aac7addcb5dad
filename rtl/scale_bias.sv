// scale_bias: sum = bias + mantissa * part over the parts of 4*UPDATE_WIDTH rows per cycle, shifted to z (Q3.12) or a
// logit and saturated. It walks through the slices of every part that the sequencer announces, and hands each slice of
// a group's last part on with all that the later blocks need. A slice enters in cycle p (its rows stand in the part
// registers); operand and mantissa in p+1, product p+2, sum p+3, shifted p+4, saturated p+5.
module scale_bias #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer LUT_ADDRESS_BITS = 10,
    parameter integer SCALE_BITS = 16,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer PART_BITS = 25,
    parameter integer SLICE_BITS = 2,
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer COUNT_BITS = 16,
    parameter integer BANK_BITS = 576,
    parameter integer TREE_STAGES = 2,
    parameter integer CELL_KINDS = 1,
    parameter integer SCALE_ADDRESS_BITS = (SCALE_WORDS > 1) ? $clog2(SCALE_WORDS) : 1,
    parameter integer BIAS_ADDRESS_BITS = (BIAS_WORDS > 1) ? $clog2(BIAS_WORDS) : 1,
    parameter integer ROWS = 4 * UPDATE_WIDTH,
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1,
    parameter integer VALID_BITS = $clog2(ROWS + 1)
) (
    input wire clk,
    input wire resetn,
    // loads
    input wire scale_load,
    input wire [SCALE_ADDRESS_BITS-1:0] scale_load_address,
    input wire bias_load,
    input wire [6:0] bias_load_bank,
    input wire [BIAS_ADDRESS_BITS-1:0] bias_load_address,
    input wire [BANK_BITS-1:0] load_data,
    // a part's turn began in the cycle before (v + 1)
    input wire part_issued,
    input wire part_begins_vector,     // the addresses below count
    input wire part_first,             // of its row group: begins with the bias
    input wire part_final,             // of its row group: its slices go on
    input wire part_one_plane,         // operand 2m - S, else m
    input wire part_negate,            // one-hot
    input wire part_dense,
    input wire part_gru,
    input wire part_leaves,
    input wire part_last_of_run,
    input wire [6:0] part_shift,
    input wire [COUNT_BITS-1:0] part_size,
    input wire [SCALE_ADDRESS_BITS-1:0] part_scale_address,
    input wire [BIAS_ADDRESS_BITS-1:0] part_bias_address,
    input wire [CELL_BITS-1:0] part_cell_read,
    input wire [CELL_BITS-1:0] part_cell_write,
    input wire [STATE_BITS-1:0] part_state_write,
    // the slice to be read from the part registers, in cycle p-1
    output wire next_bank,
    output wire [SLICE_BITS-1:0] next_slice,
    output wire next_is_first,
    // part registers, in cycle p
    input wire [ROWS*PART_BITS-1:0] slice_parts,
    input wire [2*PART_BITS-1:0] part_sums, // S of both banks
    // a slice of a group's last part, in cycle p
    output wire slice_valid,
    output wire slice_dense,
    output wire slice_gru,
    output wire slice_leaves,
    output wire slice_writes,          // holds units or rows of the network
    output wire [VALID_BITS-1:0] slice_count, // how many: units, or rows where dense
    output wire [UPDATE_WIDTH-1:0] slice_units, // which units are the network's
    output wire slice_ends_vector,
    output wire slice_last_of_run,
    output wire [CELL_BITS-1:0] slice_cell_read,
    output wire [CELL_BITS-1:0] slice_cell_write,
    output wire [STATE_BITS-1:0] slice_state_chunk,
    output wire [COLUMN_BITS-1:0] slice_state_column,
    // in cycle p+5
    output wire [ROWS*32-1:0] logits,
    output wire [ROWS*LUT_ADDRESS_BITS-1:0] table_addresses
);
  `include "timing.svh"
  localparam integer SLICES = LANES / ROWS;
  localparam integer LAST_SLICE = SLICES - 1;
  localparam integer SUM_BITS = 48;
  localparam integer N = LUT_ADDRESS_BITS;
  localparam integer E = UPDATE_WIDTH;

  // The part, from the cycle after its turn began (v+1) to p-2.
  localparam integer PART_WIDTH = 8 + 7 + COUNT_BITS + SCALE_ADDRESS_BITS + BIAS_ADDRESS_BITS + 2 * CELL_BITS + STATE_BITS;
  localparam integer PART_DELAY = kMemoryReadCycles + TREE_STAGES + kAccumulateCycles + kPartCaptureCycles - 3;
  wire load;
  wire begins_vector, first, final_part, one_plane, negate, dense, leaves, last_of_run;
  wire [6:0] shift;
  wire [COUNT_BITS-1:0] size;
  wire [SCALE_ADDRESS_BITS-1:0] scale_base;
  wire [BIAS_ADDRESS_BITS-1:0] bias_base;
  wire [CELL_BITS-1:0] cell_read_base, cell_write_base;
  wire [STATE_BITS-1:0] state_base;
  valid_delay #(.CYCLES(PART_DELAY)) load_delay (.clk(clk), .resetn(resetn), .in(part_issued), .out(load));
  delay #(.WIDTH(PART_WIDTH), .CYCLES(PART_DELAY)) part_delay (
      .clk(clk),
      .in({part_begins_vector, part_first, part_final, part_one_plane, part_negate, part_dense, part_leaves,
           part_last_of_run, part_shift, part_size, part_scale_address, part_bias_address, part_cell_read,
           part_cell_write, part_state_write}),
      .out({begins_vector, first, final_part, one_plane, negate, dense, leaves, last_of_run, shift, size, scale_base,
            bias_base, cell_read_base, cell_write_base, state_base})
  );

  // The slice in p-1: scale and bias are being addressed. Addresses go on from part to part within a vector.
  reg active, bank;
  reg [SLICE_BITS-1:0] index;
  reg is_first, is_final, is_one_plane, is_negate, is_dense, is_leaves, is_last_of_run;
  reg [6:0] shift_now;
  reg [COUNT_BITS-1:0] remaining; // units or rows of the vector from this slice on
  reg [SCALE_ADDRESS_BITS-1:0] scale_address;
  reg [BIAS_ADDRESS_BITS-1:0] bias_address;
  reg [CELL_BITS-1:0] cell_read, cell_write;
  reg [STATE_BITS-1:0] state_chunk;
  reg [COLUMN_BITS-1:0] state_column;
  wire [COUNT_BITS-1:0] slice_size = is_dense ? ROWS[COUNT_BITS-1:0] : E[COUNT_BITS-1:0];
  wire last_slice = index == LAST_SLICE[SLICE_BITS-1:0];
  wire ends = remaining <= slice_size;
  localparam integer COLUMN_STEP = E % LANE_WIDTH;
  localparam integer CHUNK_STEP = E / LANE_WIDTH;
  wire [COLUMN_BITS:0] column_sum = {1'b0, state_column} + COLUMN_STEP[COLUMN_BITS:0];
  wire column_wraps = column_sum >= LANE_WIDTH[COLUMN_BITS:0];
  wire [COLUMN_BITS:0] column_next = column_wraps ? column_sum - LANE_WIDTH[COLUMN_BITS:0] : column_sum;
  always @(posedge clk) begin
    if (!resetn) begin
      active <= 1'b0;
      bank <= 1'b1;
    end else begin
      active <= load | (active & ~last_slice);
      bank <= bank ^ load;
    end
    if (load) begin
      index <= 0;
      is_first <= first;
      is_final <= final_part;
      is_one_plane <= one_plane;
      is_negate <= negate;
      is_leaves <= leaves;
      is_last_of_run <= last_of_run;
    end else if (active) index <= index + 1'b1;
    if (load && begins_vector) begin
      is_dense <= dense;
      shift_now <= shift;
      remaining <= size;
      scale_address <= scale_base;
      bias_address <= bias_base;
      cell_read <= cell_read_base;
      cell_write <= cell_write_base;
      state_chunk <= state_base;
      state_column <= 0;
    end else if (active) begin
      scale_address <= scale_address + 1'b1;
      if (is_first) bias_address <= bias_address + 1'b1;
      if (is_final) begin
        remaining <= ends ? {COUNT_BITS{1'b0}} : remaining - slice_size;
        cell_read <= cell_read + 1'b1;
        cell_write <= cell_write + 1'b1;
        state_chunk <= state_chunk + CHUNK_STEP[STATE_BITS-1:0] + {{(STATE_BITS - 1) {1'b0}}, column_wraps};
        state_column <= column_next[COLUMN_BITS-1:0];
      end
    end
  end
  wire unused = &{1'b0, column_next[COLUMN_BITS]};

  // The slice in p.
  wire [VALID_BITS-1:0] count_now = ends ? remaining[VALID_BITS-1:0] : slice_size[VALID_BITS-1:0];
  wire [E-1:0] units_now;
  genvar u;
  generate
    for (u = 0; u < E; u = u + 1) begin : g_unit
      assign units_now[u] = remaining > u[COUNT_BITS-1:0];
    end
  endgenerate
  localparam integer SLICE_WIDTH = E + VALID_BITS + 4 + 2 * CELL_BITS + STATE_BITS + COLUMN_BITS;
  valid_delay #(.CYCLES(1)) slice_valid_delay (.clk(clk), .resetn(resetn), .in(active & is_final), .out(slice_valid));
  wire holds_any = remaining != 0;
  wire slice_dense_p, slice_writes_p;
  delay #(.WIDTH(SLICE_WIDTH + 1), .CYCLES(1)) slice_delay (
      .clk(clk),
      .in({is_dense, is_leaves & holds_any, holds_any, ends, is_last_of_run & ends, count_now, units_now, cell_read, cell_write,
           state_chunk, state_column}),
      .out({slice_dense_p, slice_leaves, slice_writes_p, slice_ends_vector, slice_last_of_run, slice_count, slice_units,
            slice_cell_read, slice_cell_write, slice_state_chunk, slice_state_column})
  );
  assign slice_dense = slice_dense_p;
  assign slice_writes = slice_writes_p;
  generate
    if (CELL_KINDS > 1) begin : g_kind
      wire gru;
      reg is_gru;
      delay #(.WIDTH(1), .CYCLES(PART_DELAY)) kind_delay (.clk(clk), .in(part_gru), .out(gru));
      always @(posedge clk) if (load && begins_vector) is_gru <= gru;
      delay #(.WIDTH(1), .CYCLES(1)) slice_kind_delay (.clk(clk), .in(is_gru), .out(slice_gru));
    end else begin : g_one_kind
      assign slice_gru = 1'b0;
      wire unused_kind = part_gru;
    end
  endgenerate
  assign next_bank = bank;
  assign next_slice = index;
  assign next_is_first = index == 0;
  wire one_plane_p, negate_p, bank_p;
  wire [SLICE_BITS-1:0] slice; // for waveforms
  wire unused_slice = &{1'b0, slice};
  delay #(.WIDTH(SLICE_BITS + 3), .CYCLES(1)) operand_delay (
      .clk(clk), .in({index, is_one_plane, is_negate, bank}), .out({slice, one_plane_p, negate_p, bank_p})
  );

  // Memories, read in p-1.
  localparam integer SCALE_WORD = ROWS * 16;
  localparam integer BIAS_WORD = ROWS * SUM_BITS;
  wire [SCALE_WORD-1:0] scales; // p+1
  wire [BIAS_WORD-1:0] biases;  // p+1
  ram_sdp #(.WIDTH(SCALE_WORD), .DEPTH(SCALE_WORDS)) scale_memory (
      .clk(clk), .write_enable(scale_load), .write_address(scale_load_address), .write_data(load_data[SCALE_WORD-1:0]),
      .read_address(scale_address), .read_data(scales)
  );
  ram_banked #(.WIDTH(BIAS_WORD), .DEPTH(BIAS_WORDS), .BANK_BITS(BANK_BITS)) bias_memory (
      .clk(clk), .write_enable(bias_load), .write_bank(bias_load_bank), .write_address(bias_load_address),
      .write_data(load_data), .read_address(bias_address), .read_data(biases)
  );

  // Sums of the first part wait here for the second.
  wire [SLICE_BITS-1:0] index_1, index_3;
  wire first_1, store_3;
  delay #(.WIDTH(SLICE_BITS + 1), .CYCLES(2)) index_delay_1 (.clk(clk), .in({index, is_first}), .out({index_1, first_1}));
  delay #(.WIDTH(SLICE_BITS), .CYCLES(2)) index_delay_3 (.clk(clk), .in(index_1), .out(index_3));
  valid_delay #(.CYCLES(4)) store_delay (.clk(clk), .resetn(resetn), .in(active & ~is_final), .out(store_3));
  wire [BIAS_WORD-1:0] sums; // p+3
  wire [BIAS_WORD-1:0] earlier; // p+1
  ram_async #(.WIDTH(BIAS_WORD), .DEPTH(SLICES), .ADDRESS_BITS(SLICE_BITS)) earlier_sums (
      .clk(clk), .write_enable(store_3), .write_address(index_3), .write_data(sums), .read_addresses(index_1),
      .read_data(earlier)
  );

  // Shift, for all rows: scale_row shifts by shift + 16. A sum overflows where bits from position shift + 15 (logit: 31) on
  // differ from its sign; bit 0 of the mask stands for the zero below the sum.
  wire [6:0] shift_2;
  wire dense_2;
  delay #(.WIDTH(8), .CYCLES(3)) shift_delay_2 (.clk(clk), .in({shift_now, is_dense}), .out({shift_2, dense_2}));
  wire signed [7:0] top = $signed({shift_2[6], shift_2}) + (dense_2 ? 8'sd31 : 8'sd15);
  reg [SUM_BITS:0] overflow_mask;
  integer i;
  always @(posedge clk) begin
    for (i = 0; i <= SUM_BITS; i = i + 1) overflow_mask[i] <= i - 1 >= $signed({{24{top[7]}}, top});
  end

  // Rows; eight of them share a copy of the shift.
  localparam integer SHIFT_GROUPS = (ROWS + 7) / 8;
  wire [SHIFT_GROUPS*6-1:0] right_shift;
  genvar g;
  generate
    for (g = 0; g < SHIFT_GROUPS; g = g + 1) begin : g_shift
      delay #(.WIDTH(6), .CYCLES(1)) shift_copy (.clk(clk), .in(shift_2[5:0] + 6'd16), .out(right_shift[g*6+:6]));
    end
  endgenerate
  wire [PART_BITS-1:0] part_sum = bank_p ? part_sums[PART_BITS+:PART_BITS] : part_sums[0+:PART_BITS];
  wire [PART_BITS-1:0] rest = !one_plane_p ? {PART_BITS{1'b0}} : negate_p ? part_sum : ~part_sum;
  genvar r;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      scale_row #(
          .PART_BITS(PART_BITS), .SCALE_BITS(SCALE_BITS), .LUT_ADDRESS_BITS(N)
      ) row (
          .clk(clk), .part(slice_parts[r*PART_BITS+:PART_BITS]), .rest(rest), .next_one_plane(is_one_plane), .next_negate(is_negate),
          .scale(scales[r*16+:SCALE_BITS]), .first(first_1), .bias(biases[r*SUM_BITS+:SUM_BITS]),
          .earlier(earlier[r*SUM_BITS+:SUM_BITS]), .right_shift(right_shift[r/8*6+:6]), .overflow_mask(overflow_mask),
          .sum(sums[r*SUM_BITS+:SUM_BITS]), .logit(logits[r*32+:32]), .table_address(table_addresses[r*N+:N])
      );
    end
    if (SCALE_BITS < 16) begin : g_unused_scale
      wire unused_scales = &{1'b0, scales};
    end
  endgenerate
endmodule
