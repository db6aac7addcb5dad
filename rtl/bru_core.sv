// bru_core: the machine between its AXI4-Stream and AXI4-Lite ports. docs/architecture.md says what it does and in
// which cycle; docs/interfaces.md its registers and formats; docs/rtl.md how the modules map to both.
module bru_core #(
    parameter integer LANES = 64,             // L = 4U, at least 4
    parameter integer LANE_WIDTH = 16,        // W
    parameter integer UPDATE_WIDTH = 2,       // E: 1, 2, 4 or 8, a divisor of U
    parameter integer ACTIVATION_BITS = 8,    // A
    parameter integer LUT_ADDRESS_BITS = 10,  // N
    parameter integer SCALE_BITS = 16,
    parameter integer CELL_KINDS = 1,         // 1: LSTM, 2: LSTM and GRU
    parameter integer STREAMS = 1,            // independent sequences, at most 256
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512,
    parameter integer INPUT_WORDS = 512,
    parameter integer OUTPUT_FIFO_BEATS = 512
) (
    input wire aclk,
    input wire aresetn,
    // AXI4-Stream: loads and inputs
    input wire [63:0] s_axis_tdata,
    input wire s_axis_tvalid,
    output wire s_axis_tready,
    input wire s_axis_tlast, // no effect
    // AXI4-Stream: outputs
    output wire [63:0] m_axis_tdata,
    output wire m_axis_tvalid,
    input wire m_axis_tready,
    output wire m_axis_tlast,
    // AXI4-Lite
    input wire [12:0] s_axi_awaddr,
    input wire s_axi_awvalid,
    output wire s_axi_awready,
    input wire [31:0] s_axi_wdata,
    input wire s_axi_wvalid,
    output wire s_axi_wready,
    output wire [1:0] s_axi_bresp,
    output wire s_axi_bvalid,
    input wire s_axi_bready,
    input wire [12:0] s_axi_araddr,
    input wire s_axi_arvalid,
    output wire s_axi_arready,
    output wire [31:0] s_axi_rdata,
    output wire [1:0] s_axi_rresp,
    output wire s_axi_rvalid,
    input wire s_axi_rready,
    output wire irq
);
  `include "timing.svh"
  localparam integer E = UPDATE_WIDTH;
  localparam integer ROWS = 4 * E;
  localparam integer SLICES = LANES / ROWS;
  localparam integer SLICE_BITS = (SLICES > 1) ? $clog2(SLICES) : 1;
  localparam integer PART_BITS = (ACTIVATION_BITS <= 8) ? 25 : 32;
  localparam integer CHUNK_BITS = LANE_WIDTH * ACTIVATION_BITS;
  localparam integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1;
  localparam integer STREAM_BITS = (STREAMS > 1) ? $clog2(STREAMS) : 0;
  localparam integer HEADER_BITS = 3 + 16 + COLUMN_BITS + STREAM_BITS;
  // Each stream has an area of a power of two in the memories of h and c; behind them there is one for initial values.
  localparam integer STATE_AREA_BITS = $clog2(STATE_WORDS / (STREAMS + 1) + 1) - 1;
  localparam integer CELL_AREA_BITS = $clog2(CELL_WORDS / (STREAMS + 1) + 1) - 1;
  localparam integer VALID_BITS = $clog2(ROWS + 1);
  localparam integer TREE_LEVELS = (LANE_WIDTH > 2) ? $clog2(LANE_WIDTH) : 1;
  localparam integer TREE_STAGES = (TREE_LEVELS + 1) / 2;
  localparam integer FIFO_SLICES = (2 * SLICES > kMinSliceFifoSlices) ? 1 << $clog2(2 * SLICES) : kMinSliceFifoSlices;
  // Small memories are made large enough for their addresses to have a few bits; the input memory is a ring.
  localparam integer STATE_DEPTH = (STATE_WORDS > 16) ? STATE_WORDS : 16;
  localparam integer RING_BITS = (INPUT_WORDS > 2) ? $clog2(INPUT_WORDS) : 1;
  localparam integer STATE_BITS = $clog2(STATE_DEPTH);
  localparam integer CELL_BITS = (CELL_WORDS > 1) ? $clog2(CELL_WORDS) : 1;
  localparam integer WEIGHT_BITS = (WEIGHT_WORDS > 1) ? $clog2(WEIGHT_WORDS) : 1;
  localparam integer SCALE_ADDRESS_BITS = (SCALE_WORDS > 1) ? $clog2(SCALE_WORDS) : 1;
  localparam integer BIAS_ADDRESS_BITS = (BIAS_WORDS > 1) ? $clog2(BIAS_WORDS) : 1;
  localparam integer LOAD_BITS = 22;
  localparam integer BANK_BITS = 576; // of a wide load word: nine beats
  localparam integer WORD_BITS = (CHUNK_BITS > BANK_BITS) ? CHUNK_BITS : BANK_BITS;

  // control_registers
  wire start, load_begin, sequence_mode, input_one_hot, running, run_ends, header_accepted, transferred, transferred_last_of_run;
  wire [2:0] load_target, cycle_class;
  wire [LOAD_BITS-1:0] load_start;
  wire [5:0] descriptor_count;
  wire [1:0] output_kind, output_steps;
  wire [15:0] input_chunks;
  wire [31:0] input_slots, packet_vectors, descriptor_data;
  wire descriptor_write;
  wire [4:0] descriptor_index, descriptor_field;
  control_registers #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS),
      .LUT_ADDRESS_BITS(LUT_ADDRESS_BITS), .CELL_KINDS(CELL_KINDS), .STREAMS(STREAMS),
      .WEIGHT_WORDS(WEIGHT_WORDS), .SCALE_WORDS(SCALE_WORDS), .BIAS_WORDS(BIAS_WORDS), .STATE_WORDS(STATE_WORDS),
      .CELL_WORDS(CELL_WORDS), .INPUT_WORDS(INPUT_WORDS), .OUTPUT_FIFO_BEATS(OUTPUT_FIFO_BEATS), .LOAD_BITS(LOAD_BITS)
  ) control_registers (
      .clk(aclk), .resetn(aresetn),
      .s_awaddr(s_axi_awaddr), .s_awvalid(s_axi_awvalid), .s_awready(s_axi_awready), .s_wdata(s_axi_wdata),
      .s_wvalid(s_axi_wvalid), .s_wready(s_axi_wready), .s_bresp(s_axi_bresp), .s_bvalid(s_axi_bvalid),
      .s_bready(s_axi_bready), .s_araddr(s_axi_araddr), .s_arvalid(s_axi_arvalid), .s_arready(s_axi_arready),
      .s_rdata(s_axi_rdata), .s_rresp(s_axi_rresp), .s_rvalid(s_axi_rvalid), .s_rready(s_axi_rready),
      .interrupt(irq), .start(start), .load_target(load_target), .load_begin(load_begin),
      .load_address(load_start), .descriptor_count(descriptor_count), .sequence_mode(sequence_mode),
      .output_kind(output_kind), .output_steps(output_steps), .input_chunks(input_chunks),
      .input_one_hot(input_one_hot), .input_slots(input_slots), .packet_vectors(packet_vectors),
      .descriptor_write(descriptor_write), .descriptor_index(descriptor_index), .descriptor_field(descriptor_field),
      .descriptor_data(descriptor_data), .running(running), .run_ends(run_ends), .cycle_class(cycle_class),
      .header_accepted(header_accepted), .output_transferred(transferred), .output_last_of_run(transferred_last_of_run),
      .stream_error(stream_error)
  );

  // stream_input
  wire load_weights, load_scales, load_biases, load_tables, load_state, load_cell;
  wire [LOAD_BITS-1:0] load_address;
  wire [6:0] load_bank;
  wire [WORD_BITS-1:0] load_data;
  wire [RING_BITS:0] header_count, newest_step, sequence_last_step, release_count;
  wire [HEADER_BITS-1:0] newest_header, header_word;
  wire [RING_BITS-1:0] header_address, input_address;
  wire [RING_BITS+1:0] chunk_count, sequence_last_chunk;
  wire sequence_valid, sequence_end, sequence_pop, release_steps, stream_error;
  wire [15:0] first_x_words;
  wire [STATE_BITS-1:0] sequence_last_offset, first_h_stride;
  wire [CHUNK_BITS-1:0] input_chunk;
  stream_input #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS),
      .STATE_BITS(STATE_BITS), .LOAD_BITS(LOAD_BITS), .WORD_BITS(WORD_BITS), .RING_BITS(RING_BITS),
      .LUT_ADDRESS_BITS(LUT_ADDRESS_BITS), .WEIGHT_WORDS(WEIGHT_WORDS), .SCALE_WORDS(SCALE_WORDS),
      .BIAS_WORDS(BIAS_WORDS), .STATE_WORDS(STATE_WORDS), .CELL_WORDS(CELL_WORDS),
      .STREAMS(STREAMS), .STREAM_BITS(STREAM_BITS)
  ) stream_input (
      .clk(aclk), .resetn(aresetn), .s_tdata(s_axis_tdata), .s_tvalid(s_axis_tvalid), .s_tready(s_axis_tready),
      .load_target(load_target), .load_begin(load_begin), .load_address_start(load_start),
      .input_chunks(input_chunks), .input_one_hot(input_one_hot), .input_slots(input_slots),
      .first_h_stride(first_h_stride), .first_x_words(first_x_words), .stream_error(stream_error), .load_weights(load_weights), .load_scales(load_scales),
      .load_biases(load_biases), .load_tables(load_tables), .load_state(load_state), .load_cell(load_cell),
      .load_address(load_address), .load_bank(load_bank), .load_data(load_data), .header_accepted(header_accepted),
      .header_count(header_count), .newest_step(newest_step), .newest_header(newest_header), .header_address(header_address),
      .header_word(header_word), .chunk_count(chunk_count), .sequence_valid(sequence_valid),
      .sequence_end(sequence_end), .sequence_last_step(sequence_last_step),
      .sequence_last_chunk(sequence_last_chunk), .sequence_last_offset(sequence_last_offset),
      .sequence_pop(sequence_pop), .release_steps(release_steps), .release_count(release_count),
      .chunk_address(input_address), .chunk_word(input_chunk)
  );

  // sequencer
  wire issue, issue_from_input, issue_one_hot, issue_part_last, slice_finished;
  wire [WEIGHT_BITS-1:0] weight_address;
  wire [STATE_BITS-1:0] state_address;
  wire [COLUMN_BITS-1:0] issue_column;
  wire issue_begins_part, issue_negative;
  wire [2:0] issue_plane;
  wire part_issued, part_begins_vector, part_first, part_final, part_one_plane, part_negate, part_dense, part_leaves;
  wire part_last_of_run, part_gru;
  wire [6:0] part_shift;
  wire [15:0] part_size;
  wire [SCALE_ADDRESS_BITS-1:0] part_scale_address;
  wire [BIAS_ADDRESS_BITS-1:0] part_bias_address;
  wire [CELL_BITS-1:0] part_cell_read, part_cell_write;
  wire [STATE_BITS-1:0] part_state_write;
  wire slice_valid, slice_dense, slice_gru;
  sequencer #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .FIFO_SLICES(FIFO_SLICES),
      .RING_BITS(RING_BITS), .STATE_BITS(STATE_BITS), .CELL_BITS(CELL_BITS), .WEIGHT_BITS(WEIGHT_BITS),
      .SCALE_BITS_ADDRESS(SCALE_ADDRESS_BITS), .BIAS_BITS_ADDRESS(BIAS_ADDRESS_BITS),
      .CELL_KINDS(CELL_KINDS), .STREAM_BITS(STREAM_BITS), .STATE_AREA_BITS(STATE_AREA_BITS),
      .CELL_AREA_BITS(CELL_AREA_BITS)
  ) sequencer (
      .clk(aclk), .resetn(aresetn), .start(start), .descriptor_write(descriptor_write),
      .descriptor_index(descriptor_index), .descriptor_field(descriptor_field), .descriptor_data(descriptor_data),
      .descriptor_count(descriptor_count), .sequence_mode(sequence_mode), .output_kind(output_kind),
      .output_steps(output_steps), .input_chunks(input_chunks), .input_one_hot(input_one_hot), .running(running), .run_ends(run_ends),
      .cycle_class(cycle_class), .header_count(header_count), .newest_step(newest_step), .newest_header(newest_header),
      .header_address(header_address), .header_word(header_word), .chunk_count(chunk_count),
      .sequence_valid(sequence_valid), .sequence_end(sequence_end), .sequence_last_step(sequence_last_step),
      .sequence_last_chunk(sequence_last_chunk), .sequence_last_offset(sequence_last_offset),
      .sequence_pop(sequence_pop), .first_h_stride(first_h_stride), .first_x_words(first_x_words), .release_steps(release_steps),
      .release_count(release_count), .issue(issue), .weight_address(weight_address), .input_address(input_address),
      .state_address(state_address), .issue_from_input(issue_from_input), .issue_one_hot(issue_one_hot),
      .issue_column(issue_column), .issue_begins_part(issue_begins_part), .issue_plane(issue_plane), .issue_negative(issue_negative), .issue_part_last(issue_part_last),
      .part_issued(part_issued), .part_begins_vector(part_begins_vector), .part_first(part_first),
      .part_final(part_final), .part_one_plane(part_one_plane), .part_negate(part_negate), .part_dense(part_dense), .part_gru(part_gru),
      .part_leaves(part_leaves), .part_last_of_run(part_last_of_run), .part_shift(part_shift), .part_size(part_size),
      .part_scale_address(part_scale_address), .part_bias_address(part_bias_address), .part_cell_read(part_cell_read),
      .part_cell_write(part_cell_write), .part_state_write(part_state_write),
      .state_slice(slice_valid & ~slice_dense), .slice_finished(slice_finished)
  );

  // weight_bram
  wire [LANES*LANE_WIDTH-1:0] weights;
  weight_bram #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .WEIGHT_WORDS(WEIGHT_WORDS), .BANK_BITS(BANK_BITS)
  ) weight_bram (
      .clk(aclk), .load_write(load_weights), .load_bank(load_bank), .load_address(load_address[WEIGHT_BITS-1:0]),
      .load_data(load_data[BANK_BITS-1:0]), .read_address(weight_address), .read_word(weights)
  );

  // dot_product_lanes
  wire [CHUNK_BITS-1:0] state_chunk;
  wire next_bank, next_is_first;
  wire [SLICE_BITS-1:0] next_slice;
  wire [ROWS*PART_BITS-1:0] slice_parts;
  wire [2*PART_BITS-1:0] part_sums;
  dot_product_lanes #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS),
      .PART_BITS(PART_BITS), .SLICE_BITS(SLICE_BITS)
  ) dot_product_lanes (
      .clk(aclk), .resetn(aresetn), .issue(issue), .issue_from_input(issue_from_input), .issue_one_hot(issue_one_hot),
      .issue_column(issue_column), .issue_begins_part(issue_begins_part), .issue_plane(issue_plane), .issue_negative(issue_negative), .issue_part_last(issue_part_last),
      .input_chunk(input_chunk), .state_chunk(state_chunk), .weights(weights), .next_bank(next_bank), .next_slice(next_slice), .next_is_first(next_is_first),
      .slice_parts(slice_parts), .part_sums(part_sums)
  );

  // scale_bias
  wire slice_leaves, slice_writes, slice_ends_vector, slice_last_of_run;
  wire [VALID_BITS-1:0] slice_count;
  wire [E-1:0] slice_units, hidden_units;
  wire [CELL_BITS-1:0] slice_cell_read, slice_cell_write;
  wire [STATE_BITS-1:0] slice_state_chunk;
  wire [COLUMN_BITS-1:0] slice_state_column;
  wire [ROWS*32-1:0] logits;
  wire [ROWS*LUT_ADDRESS_BITS-1:0] gate_addresses;
  scale_bias #(
      .LANES(LANES), .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .LUT_ADDRESS_BITS(LUT_ADDRESS_BITS),
      .SCALE_BITS(SCALE_BITS), .SCALE_WORDS(SCALE_WORDS), .BIAS_WORDS(BIAS_WORDS), .PART_BITS(PART_BITS),
      .SLICE_BITS(SLICE_BITS), .STATE_BITS(STATE_BITS), .CELL_BITS(CELL_BITS), .BANK_BITS(BANK_BITS),
      .TREE_STAGES(TREE_STAGES), .CELL_KINDS(CELL_KINDS)
  ) scale_bias (
      .clk(aclk), .resetn(aresetn), .scale_load(load_scales), .scale_load_address(load_address[SCALE_ADDRESS_BITS-1:0]),
      .bias_load(load_biases), .bias_load_bank(load_bank), .bias_load_address(load_address[BIAS_ADDRESS_BITS-1:0]),
      .load_data(load_data[BANK_BITS-1:0]), .part_issued(part_issued), .part_begins_vector(part_begins_vector),
      .part_first(part_first), .part_final(part_final), .part_one_plane(part_one_plane), .part_negate(part_negate),
      .part_dense(part_dense), .part_gru(part_gru), .part_leaves(part_leaves), .part_last_of_run(part_last_of_run),
      .part_shift(part_shift), .part_size(part_size), .part_scale_address(part_scale_address),
      .part_bias_address(part_bias_address), .part_cell_read(part_cell_read), .part_cell_write(part_cell_write),
      .part_state_write(part_state_write), .next_bank(next_bank), .next_slice(next_slice), .next_is_first(next_is_first), .slice_parts(slice_parts), .part_sums(part_sums),
      .slice_valid(slice_valid), .slice_dense(slice_dense), .slice_gru(slice_gru), .slice_leaves(slice_leaves), .slice_writes(slice_writes),
      .slice_count(slice_count), .slice_units(slice_units), .slice_ends_vector(slice_ends_vector), .slice_last_of_run(slice_last_of_run),
      .slice_cell_read(slice_cell_read), .slice_cell_write(slice_cell_write), .slice_state_chunk(slice_state_chunk),
      .slice_state_column(slice_state_column), .logits(logits), .table_addresses(gate_addresses)
  );

  // activation_lut and cell_update
  wire [ROWS*16-1:0] gates;
  wire [E*LUT_ADDRESS_BITS-1:0] cell_addresses;
  wire [E*16-1:0] cell_tanh, cells, next_cells;
  wire [E*ACTIVATION_BITS-1:0] hidden;
  activation_lut #(
      .UPDATE_WIDTH(UPDATE_WIDTH), .LUT_ADDRESS_BITS(LUT_ADDRESS_BITS)
  ) activation_lut (
      .clk(aclk), .load(load_tables), .load_address(load_address[LUT_ADDRESS_BITS-1:0]), .load_data(load_data[31:0]),
      .gate_addresses(gate_addresses), .gates(gates), .cell_addresses(cell_addresses), .cell_tanh(cell_tanh)
  );
  // A GRU's sums reach cell_update together with its gates. They are logits that were saturated to z.
  wire gru;
  wire [2*E*16-1:0] candidate_sums;
  genvar e;
  generate
    if (CELL_KINDS > 1) begin : g_candidate_sums
      wire [2*E*16-1:0] sums;
      for (e = 0; e < E; e = e + 1) begin : g_unit
        wire [31:0] of_x = logits[(4*e+1)*32+:32];
        wire [31:0] of_h = logits[(4*e+2)*32+:32];
        assign sums[2*e*16+:32] = {of_h[31], of_h[14:0], of_x[31], of_x[14:0]};
        wire unused_sums = &{1'b0, of_x[30:15], of_h[30:15]};
      end
      delay #(.WIDTH(2 * E * 16), .CYCLES(kTableReadCycles)) sum_delay (.clk(aclk), .in(sums), .out(candidate_sums));
      delay #(.WIDTH(1), .CYCLES(kScaleBiasCycles + kTableReadCycles)) kind_delay (.clk(aclk), .in(slice_gru), .out(gru));
    end else begin : g_one_kind
      assign candidate_sums = {2 * E * 16{1'b0}};
      assign gru = slice_gru;
    end
  endgenerate
  cell_update #(
      .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS), .LUT_ADDRESS_BITS(LUT_ADDRESS_BITS),
      .CELL_KINDS(CELL_KINDS)
  ) cell_update (
      .clk(aclk), .gru(gru), .gates(gates), .candidate_sums(candidate_sums), .cells(cells), .next_cells(next_cells), .cell_addresses(cell_addresses),
      .cell_tanh(cell_tanh), .hidden(hidden)
  );

  // A slice's way: what travels beside it from scale_bias (p) to the places where it is needed.
  localparam integer LOGIT_CYCLES = kScaleBiasCycles;                                                    // p+5
  localparam integer CELL_READ_CYCLES = kScaleBiasCycles + kTableReadCycles - kMemoryReadCycles;         // p+5
  localparam integer HIDDEN_CYCLES = kScaleBiasCycles + 2 * kTableReadCycles + kCellCycles + kHiddenCycles; // p+18
  // c' is written in p+11. Where there are GRUs, too, it is written in p+18, as s' is: the memory has one port for writes.
  localparam integer CELL_WRITE_CYCLES =
      (CELL_KINDS > 1) ? HIDDEN_CYCLES : kScaleBiasCycles + kTableReadCycles + kCellCycles - 1;
  wire logits_write, logits_end_vector, logits_last_of_run;
  wire [VALID_BITS-1:0] logits_count;
  valid_delay #(.CYCLES(LOGIT_CYCLES)) logits_write_delay (
      .clk(aclk), .resetn(aresetn), .in(slice_valid & slice_dense & slice_leaves), .out(logits_write)
  );
  delay #(.WIDTH(VALID_BITS + 2), .CYCLES(LOGIT_CYCLES)) logits_delay (
      .clk(aclk), .in({slice_count, slice_ends_vector, slice_last_of_run}),
      .out({logits_count, logits_end_vector, logits_last_of_run})
  );
  wire [CELL_BITS-1:0] cell_read_address, cell_write_address;
  wire cell_write;
  delay #(.WIDTH(CELL_BITS), .CYCLES(CELL_READ_CYCLES)) cell_read_delay (
      .clk(aclk), .in(slice_cell_read), .out(cell_read_address)
  );
  delay #(.WIDTH(CELL_BITS), .CYCLES(CELL_WRITE_CYCLES)) cell_write_address_delay (
      .clk(aclk), .in(slice_cell_write), .out(cell_write_address)
  );
  valid_delay #(.CYCLES(CELL_WRITE_CYCLES)) cell_write_delay (
      .clk(aclk), .resetn(aresetn), .in(slice_valid & ~slice_dense & slice_writes), .out(cell_write)
  );
  wire hidden_slice, hidden_write, hidden_leaves, hidden_end_vector, hidden_last_of_run;
  wire [VALID_BITS-1:0] hidden_count;
  wire [STATE_BITS-1:0] hidden_chunk;
  wire [COLUMN_BITS-1:0] hidden_column;
  valid_delay #(.CYCLES(HIDDEN_CYCLES)) hidden_write_delay (
      .clk(aclk), .resetn(aresetn), .in(slice_valid & ~slice_dense & slice_writes), .out(hidden_slice)
  );
  delay #(.WIDTH(E + VALID_BITS + 3 + STATE_BITS + COLUMN_BITS), .CYCLES(HIDDEN_CYCLES)) hidden_delay (
      .clk(aclk),
      .in({slice_units, slice_count, slice_leaves, slice_ends_vector, slice_last_of_run, slice_state_chunk, slice_state_column}),
      .out({hidden_units, hidden_count, hidden_leaves, hidden_end_vector, hidden_last_of_run, hidden_chunk, hidden_column})
  );
  assign hidden_write = hidden_slice & hidden_leaves;

  // state_registers
  state_registers #(
      .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS),
      .STATE_WORDS(STATE_DEPTH), .CELL_WORDS(CELL_WORDS)
  ) state_registers (
      .clk(aclk), .state_load(load_state), .state_load_address(load_address[STATE_BITS-1:0]),
      .state_load_data(load_data[CHUNK_BITS-1:0]), .cell_load(load_cell), .cell_load_address(load_address[CELL_BITS-1:0]),
      .cell_load_data(load_data[E*16-1:0]), .chunk_address(state_address), .chunk_word(state_chunk),
      .slice_write(hidden_slice), .slice_chunk(hidden_chunk), .slice_column(hidden_column), .slice_units(hidden_units),
      .slice_hidden(hidden), .cell_address(cell_read_address), .cell_word(cells), .cell_write(cell_write),
      .cell_write_address(cell_write_address), .cell_write_data(next_cells)
  );

  // stream_output
  stream_output #(
      .UPDATE_WIDTH(UPDATE_WIDTH), .ACTIVATION_BITS(ACTIVATION_BITS), .FIFO_SLICES(FIFO_SLICES),
      .OUTPUT_FIFO_BEATS(OUTPUT_FIFO_BEATS), .VALID_BITS(VALID_BITS)
  ) stream_output (
      .clk(aclk), .resetn(aresetn), .output_kind(output_kind), .packet_vectors(packet_vectors),
      .logits_write(logits_write), .logits(logits), .logits_count(logits_count),
      .logits_end_vector(logits_end_vector), .logits_last_of_run(logits_last_of_run), .hidden_write(hidden_write),
      .hidden(hidden), .hidden_count(hidden_count), .hidden_end_vector(hidden_end_vector),
      .hidden_last_of_run(hidden_last_of_run), .slice_finished(slice_finished), .m_tdata(m_axis_tdata),
      .m_tvalid(m_axis_tvalid), .m_tlast(m_axis_tlast), .m_tready(m_axis_tready), .transferred(transferred),
      .transferred_last_of_run(transferred_last_of_run)
  );
  wire unused = &{1'b0, s_axis_tlast, load_data, load_address};
endmodule
