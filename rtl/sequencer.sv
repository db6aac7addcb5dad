// sequencer: decides in which cycle every chunk is issued. vector_sequencer says which vector comes next; the pass
// generator here walks through its row groups, parts, planes and chunks, at most a chunk per cycle; two places wait for
// issue. A chunk issues when its input has arrived, its state is final, scale_bias can take the part, the slice FIFO
// has room, and the vector before began kVectorCycles ago; what can be compared a cycle ahead is. From a header's
// transfer in x: announced x+1, known with the upcoming vector x+2, its first chunk in the generator x+3, at the head and
// issued x+4 (kInputCycles); from a start in s: running s+1, known s+2, issued s+4 (kStartCycles).
module sequencer #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer FIFO_SLICES = 32,
    parameter integer RING_BITS = 9,
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer WEIGHT_BITS = 12,
    parameter integer SCALE_BITS_ADDRESS = 9,
    parameter integer BIAS_BITS_ADDRESS = 9,
    parameter integer CELL_KINDS = 1,
    parameter integer STREAM_BITS = 0,
    parameter integer STATE_AREA_BITS = 0,
    parameter integer CELL_AREA_BITS = 0,
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1,
    parameter integer HEADER_BITS = 3 + 16 + COLUMN_BITS + STREAM_BITS
) (
    input wire clk,
    input wire resetn,
    // registers
    input wire start,
    input wire descriptor_write,
    input wire [4:0] descriptor_index,
    input wire [4:0] descriptor_field,
    input wire [31:0] descriptor_data,
    input wire [5:0] descriptor_count,
    input wire sequence_mode,
    input wire [1:0] output_kind,
    input wire [1:0] output_steps,
    input wire [15:0] input_chunks,
    input wire input_one_hot,
    output wire running,
    output wire run_ends,
    output wire [2:0] cycle_class,
    // stream_input
    input wire [RING_BITS:0] header_count,
    input wire [RING_BITS:0] newest_step,
    input wire [HEADER_BITS-1:0] newest_header,
    output wire [RING_BITS-1:0] header_address,
    input wire [HEADER_BITS-1:0] header_word,
    input wire [RING_BITS+1:0] chunk_count,
    input wire sequence_valid,
    input wire sequence_end,
    input wire [RING_BITS:0] sequence_last_step,
    input wire [RING_BITS+1:0] sequence_last_chunk,
    input wire [STATE_BITS-1:0] sequence_last_offset,
    output wire sequence_pop,
    output wire [STATE_BITS-1:0] first_h_stride,
    output wire [15:0] first_x_words,
    output wire release_steps,
    output wire [RING_BITS:0] release_count,
    // issue, in cycle t; addresses stand before, whether or not the chunk issues
    output wire issue,
    output wire [WEIGHT_BITS-1:0] weight_address,
    output wire [RING_BITS-1:0] input_address,
    output wire [STATE_BITS-1:0] state_address,
    output wire issue_from_input,
    output wire issue_one_hot,
    output wire [COLUMN_BITS-1:0] issue_column,
    output wire issue_begins_part,
    output wire [2:0] issue_plane,
    output wire issue_negative,
    output wire issue_part_last,
    // the part whose turn in scale_bias began in the cycle before
    output reg part_issued,
    output wire part_begins_vector,
    output wire part_first,
    output wire part_final,
    output wire part_one_plane,
    output wire part_negate,
    output wire part_dense,
    output wire part_gru,
    output wire part_leaves,
    output wire part_last_of_run,
    output wire [6:0] part_shift,
    output wire [15:0] part_size,
    output wire [SCALE_BITS_ADDRESS-1:0] part_scale_address,
    output wire [BIAS_BITS_ADDRESS-1:0] part_bias_address,
    output wire [CELL_BITS-1:0] part_cell_read,
    output wire [CELL_BITS-1:0] part_cell_write,
    output wire [STATE_BITS-1:0] part_state_write,
    // a slice of h entered scale_bias (cycle p)
    input wire state_slice,
    // a slice left the slice FIFO
    input wire slice_finished
);
  `include "timing.svh"
  localparam integer E = UPDATE_WIDTH;
  localparam integer E_BITS = $clog2(E);
  localparam integer UNITS = LANES / 4;
  localparam integer SLICES = UNITS / E;
  localparam integer ADDRESS_BITS = (STATE_BITS > RING_BITS + 2) ? STATE_BITS : RING_BITS + 2;
  localparam integer TALLY_BITS = 24;
  localparam integer NEW_BITS = $clog2(SLICES + 1);
  localparam integer ROOM_BITS = $clog2(FIFO_SLICES + 1);

  // ---- The vector under way (v) and the upcoming one (u).
  localparam integer UNIT_BITS = TALLY_BITS + E_BITS;
  wire vector_valid, vector_done, group_done;
  wire [ADDRESS_BITS-1:0] u_x_begin;
  wire [15:0] u_groups, u_slices, u_x_chunks, u_source_chunks;
  wire [3:0] u_x_planes;
  wire u_one_group, u_one_x_chunk, u_one_x_plane, u_one_source_chunk;
  wire v_one_x_chunk, v_one_x_plane, v_one_h_chunk, v_one_h_plane, v_one_source_chunk, u_dense;
  wire [WEIGHT_BITS-1:0] u_weight_base;
  wire [UNIT_BITS-1:0] u_x_start;
  wire v_dense, v_gru, v_x_input, v_one_hot, v_x_jumps, v_h_final, v_leaves, v_last_of_run, v_ends_run, v_releases;
  wire [15:0] v_size, v_x_chunks, v_x_words, v_h_chunks, v_source_chunks, v_header_chunk;
  wire [3:0] v_x_planes, v_h_planes;
  wire [SCALE_BITS_ADDRESS-1:0] v_scale_base;
  wire [BIAS_BITS_ADDRESS-1:0] v_bias_base;
  wire [6:0] v_shift;
  wire [ADDRESS_BITS-1:0] v_x_address, v_x_second;
  wire [UNIT_BITS-1:0] v_x_start, v_x_second_start, v_h_start;
  wire [TALLY_BITS-1:0] u_x_full, v_x_full, v_x_second_full, v_h_full;
  wire [STATE_BITS-1:0] v_h_read, v_h_write;
  wire [CELL_BITS-1:0] v_cell_read, v_cell_write;
  wire [COLUMN_BITS-1:0] v_header_column;
  wire [RING_BITS:0] v_release_count;
  vector_sequencer #(
      .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .SLICES(SLICES), .RING_BITS(RING_BITS),
      .STATE_BITS(STATE_BITS), .CELL_BITS(CELL_BITS), .WEIGHT_BITS(WEIGHT_BITS),
      .SCALE_BITS_ADDRESS(SCALE_BITS_ADDRESS), .BIAS_BITS_ADDRESS(BIAS_BITS_ADDRESS), .ADDRESS_BITS(ADDRESS_BITS),
      .TALLY_BITS(TALLY_BITS), .UNIT_BITS(UNIT_BITS), .COLUMN_BITS(COLUMN_BITS), .CELL_KINDS(CELL_KINDS),
      .STREAM_BITS(STREAM_BITS), .STATE_AREA_BITS(STATE_AREA_BITS), .CELL_AREA_BITS(CELL_AREA_BITS)
  ) vectors (
      .clk(clk), .resetn(resetn),
      .descriptor_write(descriptor_write), .descriptor_index(descriptor_index), .descriptor_field(descriptor_field),
      .descriptor_data(descriptor_data), .descriptor_count(descriptor_count), .mode_is_sequence(sequence_mode),
      .output_kind(output_kind), .output_steps(output_steps), .input_chunks(input_chunks),
      .input_one_hot(input_one_hot), .running(running),
      .header_count(header_count), .newest_step(newest_step), .newest_header(newest_header),
      .header_address(header_address), .header_word(header_word), .sequence_valid(sequence_valid),
      .sequence_end(sequence_end), .sequence_last_step(sequence_last_step),
      .sequence_last_chunk(sequence_last_chunk), .sequence_last_offset(sequence_last_offset),
      .sequence_pop(sequence_pop), .first_h_stride(first_h_stride), .first_x_words(first_x_words),
      .u_ready(u_ready), .waiting(waiting_copy), .ends_vector(ends_vector), .vector_valid(vector_valid),
      .vector_done(vector_done), .group_done(group_done),
      .u_x_begin(u_x_begin), .u_groups(u_groups), .u_slices(u_slices), .u_x_chunks(u_x_chunks),
      .u_x_planes(u_x_planes), .u_source_chunks(u_source_chunks), .u_weight_base(u_weight_base),
      .u_x_start(u_x_start), .u_x_full(u_x_full), .u_one_group(u_one_group), .u_one_x_chunk(u_one_x_chunk), .u_one_x_plane(u_one_x_plane),
      .u_one_source_chunk(u_one_source_chunk), .u_dense(u_dense), .v_one_x_chunk(v_one_x_chunk),
      .v_one_x_plane(v_one_x_plane), .v_one_h_chunk(v_one_h_chunk), .v_one_h_plane(v_one_h_plane),
      .v_one_source_chunk(v_one_source_chunk), .v_dense(v_dense), .v_gru(v_gru),
      .v_x_input(v_x_input), .v_one_hot(v_one_hot), .v_size(v_size), .v_x_chunks(v_x_chunks),
      .v_x_planes(v_x_planes), .v_x_words(v_x_words), .v_h_chunks(v_h_chunks), .v_h_planes(v_h_planes),
      .v_scale_base(v_scale_base), .v_bias_base(v_bias_base), .v_shift(v_shift), .v_x_address(v_x_address),
      .v_x_second(v_x_second), .v_x_jumps(v_x_jumps), .v_source_chunks(v_source_chunks), .v_x_start(v_x_start),
      .v_x_second_start(v_x_second_start), .v_h_start(v_h_start), .v_x_full(v_x_full),
      .v_x_second_full(v_x_second_full), .v_h_full(v_h_full),
      .v_h_final(v_h_final), .v_h_read(v_h_read), .v_h_write(v_h_write), .v_cell_read(v_cell_read),
      .v_cell_write(v_cell_write), .v_header_chunk(v_header_chunk), .v_header_column(v_header_column),
      .v_leaves(v_leaves), .v_last_of_run(v_last_of_run), .v_ends_run(v_ends_run), .v_releases(v_releases),
      .v_release_count(v_release_count)
  );

  // ---- Pass generator: the chunk that comes next. What it is the last of is known with it: each of these flags is found from
  // the counter's value before.
  reg part;                        // 0 x, 1 h
  reg [3:0] planes_left;
  reg top_plane;
  reg [15:0] chunks_left, source_left, groups_left, slices_left;
  reg last_chunk, last_plane, last_part, last_group, last_of_source;
  reg first_chunk, first_group;
  reg [WEIGHT_BITS-1:0] weight;
  reg [ADDRESS_BITS-1:0] address;
  reg [UNIT_BITS-1:0] units_end;   // units of h, counted from the beginning and with E - 1, that make the chunk final
  reg [TALLY_BITS-1:0] full;       // slices of h that make all chunks of its source final
  wire part_ends = last_chunk && last_plane;
  wire group_ends = part_ends && last_part;
  wire move;
  reg waiting_valid; // see below
  wire waiting_copy, waiting_for_generator; // copies with few loads
  reg ends_vector;   // last_chunk, last_plane, last_part and last_group
  reg ends_source;   // last_chunk or last_of_source
  assign vector_done = move && ends_vector;
  // The upcoming vector begins where there is none, or behind the last chunk of the one under way. It is a function of
  // registers here and in vector_sequencer: a net with all its loads would be slow.
  wire u_ready;
  wire begin_vector = u_ready && (!vector_valid || (!waiting_copy && ends_vector));
  wire moves, moves_source, moves_plane, moves_group; // move or begin_vector, and the next chunk begins something
  generator_moves generator (
      .vector_valid(vector_valid), .waiting(waiting_for_generator), .u_ready(u_ready), .ends_source(ends_source),
      .last_chunk(last_chunk), .last_plane(last_plane), .last_part(last_part),
      .moves(moves), .moves_source(moves_source), .moves_plane(moves_plane), .moves_group(moves_group)
  );
  assign group_done = move && group_ends;

  // The chunk after it: begins something, or goes on.
  wire begins_h = part_ends && !last_part;
  wire begins_any = last_chunk;                    // a part, a plane of it, or a vector
  wire next_part = begins_h || (part && !group_ends);
  wire crosses = !last_chunk && last_of_source;    // to the second source of x
  wire [31:0] wide_h_read = {{(32 - STATE_BITS) {1'b0}}, v_h_read};
  wire [31:0] wide_x_words = {16'd0, v_x_words};
  wire [15:0] next_part_chunks = next_part ? v_h_chunks : v_x_chunks;
  wire [3:0] next_part_planes = next_part ? v_h_planes : v_x_planes;
  wire one_chunk = next_part ? v_one_h_chunk : v_one_x_chunk;
  wire one_plane = next_part ? v_one_h_plane : v_one_x_plane;
  wire [UNIT_BITS-1:0] next_units = units_end + LANE_WIDTH[UNIT_BITS-1:0];
  // Whether the next chunk is the last of what it belongs to.
  wire next_last_chunk = begins_any ? one_chunk : chunks_left == 16'd2;
  wire next_last_of_source = !next_part && (begins_any ? v_one_source_chunk : source_left == 16'd2);
  wire new_last_plane = part_ends ? one_plane : planes_left == 4'd2;
  wire next_last_plane = begins_any ? new_last_plane : last_plane;
  wire next_last_part = next_part || v_dense;
  wire new_last_group = groups_left == 16'd2;
  wire next_last_group = group_ends ? new_last_group : last_group;
  // A vector ends with a group, a part and a plane: what a counter waits for does not depend on `begin_vector`.
  always @(posedge clk) begin
    if (moves) begin
      part <= !begin_vector && next_part;
      last_part <= begin_vector ? u_dense : next_last_part;
      first_chunk <= begin_vector || begins_any;
      chunks_left <= begin_vector ? u_x_chunks : begins_any ? next_part_chunks : chunks_left - 16'd1;
      last_chunk <= begin_vector ? u_one_x_chunk : next_last_chunk;
      ends_vector <= begin_vector ? u_one_x_chunk && u_one_x_plane && u_dense && u_one_group :
                     next_last_chunk && next_last_plane && next_last_part && next_last_group;
      source_left <= begin_vector ? u_source_chunks : begins_any ? v_source_chunks : source_left - 16'd1;
      last_of_source <= begin_vector ? u_one_source_chunk : next_last_of_source;
      ends_source <= begin_vector ? u_one_x_chunk || u_one_source_chunk : next_last_chunk || next_last_of_source;
      units_end <= begin_vector ? u_x_start : begins_any ? (next_part ? v_h_start : v_x_start) : crosses ? v_x_second_start : next_units;
      address <= begin_vector ? u_x_begin : begins_any ? (next_part ? wide_h_read[ADDRESS_BITS-1:0] : v_x_address) :
                 (crosses && v_x_jumps) ? v_x_second : address + 1'b1;
      weight <= begin_vector ? u_weight_base :
                weight + ((v_one_hot && !part) ? wide_x_words[WEIGHT_BITS-1:0] : {{(WEIGHT_BITS - 1) {1'b0}}, 1'b1});
    end
    if (moves_source) full <= begin_vector ? u_x_full : !begins_any ? v_x_second_full : next_part ? v_h_full : v_x_full;
    if (moves_plane) begin
      top_plane <= begin_vector || part_ends;
      planes_left <= begin_vector ? u_x_planes : part_ends ? next_part_planes : planes_left - 4'd1;
      last_plane <= begin_vector ? u_one_x_plane : new_last_plane;
    end
    if (moves_group) begin
      groups_left <= begin_vector ? u_groups : groups_left - 16'd1;
      last_group <= begin_vector ? u_one_group : new_last_group;
      slices_left <= begin_vector ? u_slices : slices_left - SLICES[15:0];
      first_group <= begin_vector;
    end
  end

  // ---- The chunk with all that issue and the later blocks need.
  localparam integer RECORD_BITS = 8 + 7 + 16 + SCALE_BITS_ADDRESS + BIAS_BITS_ADDRESS + 2 * CELL_BITS + STATE_BITS;
  localparam integer PART_BITS = RECORD_BITS + CELL_KINDS - 1; // above the record: a GRU, where there are such cells
  localparam integer CHUNK_BITS = WEIGHT_BITS + ADDRESS_BITS + TALLY_BITS + COLUMN_BITS + ROOM_BITS + NEW_BITS +
                                  (RING_BITS + 1) + 5 + 8 + PART_BITS;
  wire x_from_input = !part && v_x_input && !v_one_hot;
  wire x_one_hot = !part && v_one_hot;
  wire [31:0] wide_header_chunk = {16'd0, v_header_chunk};
  wire [WEIGHT_BITS-1:0] weight_offset = x_one_hot ? wide_header_chunk[WEIGHT_BITS-1:0] : {WEIGHT_BITS{1'b0}};
  wire one_plane_part = part ? v_one_h_plane : v_one_x_plane;
  wire [2:0] plane = planes_left[2:0] - 3'd1;
  // Slices of h that make the chunk final: of the last chunk of a source all that there are.
  wire [TALLY_BITS-1:0] need = ends_source ? full : units_end[UNIT_BITS-1:E_BITS];
  wire [NEW_BITS-1:0] new_slices = last_group ? slices_left[NEW_BITS-1:0] : SLICES[NEW_BITS-1:0];
  wire [ROOM_BITS-1:0] limit = FIFO_SLICES[ROOM_BITS-1:0] - {{(ROOM_BITS - NEW_BITS) {1'b0}}, new_slices};
  wire needs_state = part ? !v_h_final : !v_x_input;
  wire [RECORD_BITS:0] part_record = {
    v_gru, first_group && !part, !part, last_part, one_plane_part, x_one_hot, v_dense, v_leaves,
    v_last_of_run, v_shift, v_size, v_scale_base, v_bias_base, v_cell_read, v_cell_write, v_h_write
  };
  wire [CHUNK_BITS-1:0] chunk = {
    weight + weight_offset, address, need, v_header_column, limit, new_slices, v_release_count,
    first_chunk && top_plane, plane, top_plane && !one_plane_part,
    x_from_input, x_one_hot, needs_state, part_ends, group_ends && v_leaves,
    !part && v_x_input && part_ends && last_group && v_releases, ends_vector && v_ends_run,
    first_group && !part && first_chunk && top_plane, // begins the vector
    part_record[PART_BITS-1:0] // for scale_bias
  };

  // ---- Two places before issue: `head` may issue, `waiting` comes next.
  reg head_valid;
  reg [CHUNK_BITS-1:0] waiting, head;
  wire head_copy; // head_valid, with few loads
  wire may_issue; // what is in head, if there is something
  wire advance = may_issue || !head_copy;
  assign move = vector_valid && !waiting_copy;
  // The reset is part of these functions: `advance` is late, and behind it there is to be one LUT.
  wire head_valid_next = resetn && (!advance || waiting_valid || move);
  delay #(.WIDTH(1), .CYCLES(1)) head_register (.clk(clk), .in(head_valid_next), .out(head_copy));
  wire waits_next = resetn && !advance && (waiting_valid || move);
  delay #(.WIDTH(1), .CYCLES(1)) waiting_register (.clk(clk), .in(waits_next), .out(waiting_copy));
  delay #(.WIDTH(1), .CYCLES(1)) generator_register (.clk(clk), .in(waits_next), .out(waiting_for_generator));
  wire [CHUNK_BITS-1:0] head_next = waiting_valid ? waiting : chunk;
  always @(posedge clk) begin
    waiting_valid <= waits_next;
    head_valid <= head_valid_next;
    if (move) waiting <= chunk;
    if (advance) head <= head_next;
  end
  wire [TALLY_BITS-1:0] head_need;
  wire [ADDRESS_BITS-1:0] head_address;
  wire [ROOM_BITS-1:0] head_limit;
  wire [NEW_BITS-1:0] head_new;
  wire head_needs_state, head_leaves, head_releases, head_ends_run, head_begins;
  wire [PART_BITS-1:0] head_part;
  assign {weight_address, head_address, head_need, issue_column, head_limit, head_new, release_count, issue_begins_part, issue_plane,
          issue_negative, issue_from_input, issue_one_hot, head_needs_state, issue_part_last, head_leaves, head_releases, head_ends_run,
          head_begins, head_part} = head;
  assign input_address = head_address[RING_BITS-1:0];
  assign state_address = head_address[STATE_BITS-1:0];

  // Input and state: compared in the cycle before. `written` counts slices of h and in a cycle includes the one that is
  // written at the cycle's end.
  reg [TALLY_BITS-1:0] written;
  wire slice_being_written;
  valid_delay #(
      .CYCLES(kScaleBiasCycles + 2 * kTableReadCycles + kCellCycles + kHiddenCycles + kStateWriteCycles - 2)
  ) write_delay (
      .clk(clk), .resetn(resetn), .in(state_slice), .out(slice_being_written)
  );
  localparam integer NEED_AT = CHUNK_BITS - WEIGHT_BITS - ADDRESS_BITS - TALLY_BITS;
  localparam integer ADDRESS_AT = NEED_AT + TALLY_BITS;
  localparam integer FLAGS_AT = PART_BITS + 5; // needs_state; above it one-hot, from input
  function state_final(input [CHUNK_BITS-1:0] of, input [TALLY_BITS-1:0] count);
    reg [TALLY_BITS-1:0] distance;
    begin
      distance = count - of[NEED_AT+:TALLY_BITS];
      state_final = !of[FLAGS_AT] || !distance[TALLY_BITS-1];
    end
  endfunction
  function input_arrived(input [CHUNK_BITS-1:0] of, input [RING_BITS+1:0] count);
    reg [RING_BITS+1:0] distance;
    begin
      distance = count - of[ADDRESS_AT+:RING_BITS+2];
      input_arrived = !of[FLAGS_AT+2] || (!distance[RING_BITS+1] && distance != 0);
    end
  endfunction
  reg state_ok, input_ok;
  always @(posedge clk) begin
    if (!resetn) written <= 0;
    else written <= written + {{(TALLY_BITS - 1) {1'b0}}, slice_being_written};
    state_ok <= !advance ? state_final(head, written) : waiting_valid ? state_final(waiting, written) : state_final(chunk, written);
    input_ok <= !advance ? input_arrived(head, chunk_count) : waiting_valid ? input_arrived(waiting, chunk_count) : input_arrived(chunk, chunk_count);
  end

  // Vectors begin at least kVectorCycles apart, which is what vector_sequencer needs.
  localparam integer VECTOR_GAP_BITS = $clog2(kVectorCycles);
  localparam [31:0] VECTOR_GAP = kVectorCycles - 1;
  reg [VECTOR_GAP_BITS-1:0] vector_gap;
  wire vector_ok = !head_begins || vector_gap == 0;

  // Update: scale_bias works INTERVAL cycles on a part; a second part register keeps the next part meanwhile. Two
  // counters say for how long both the latest part and the one before it still have their turn ahead or under way.
  localparam integer INTERVAL = (SLICES > kScaleBiasTurnaround) ? SLICES : kScaleBiasTurnaround;
  localparam integer INTERVAL_BITS = $clog2(2 * INTERVAL);
  localparam [31:0] INTERVAL_LEFT = INTERVAL - 1;
  reg [INTERVAL_BITS-1:0] latest_left, before_left;
  wire update_ok = !issue_part_last || before_left == 0;
  wire issue_part_end = issue && issue_part_last;
  wire [INTERVAL_BITS-1:0] latest_next = latest_left == 0 ? {INTERVAL_BITS{1'b0}} : latest_left - 1'b1;
  wire [INTERVAL_BITS-1:0] before_next = before_left == 0 ? {INTERVAL_BITS{1'b0}} : before_left - 1'b1;
  // Output: slices are reserved with the issue.
  reg [ROOM_BITS-1:0] reserved;
  wire [ROOM_BITS-1:0] reserved_more = reserved + {{(ROOM_BITS - NEW_BITS) {1'b0}}, head_new};
  wire [ROOM_BITS-1:0] reserved_less = reserved - 1'b1;
  wire [ROOM_BITS-1:0] reserved_both = reserved_more - 1'b1;
  wire output_ok = !head_leaves || reserved <= head_limit;
  assign may_issue = vector_ok && input_ok && state_ok && update_ok && output_ok;
  assign issue = head_copy && may_issue;
  assign release_steps = issue && head_releases;
  assign run_ends = issue && head_ends_run;

  // A part is announced in the cycle after its turn begins: at once, or when the part before it has had its turn.
  reg deferred;
  reg [INTERVAL_BITS-1:0] deferred_left;
  reg [PART_BITS-1:0] deferred_part;
  wire announce_deferred = deferred && deferred_left == 0;

  // Running begins kStartCycles - 3 after the write of start; from then on the upcoming vector may be known.
  wire started;
  valid_delay #(
      .CYCLES((kStartCycles > 4) ? kStartCycles - 4 : 0)
  ) start_delay (
      .clk(clk), .resetn(resetn), .in(start), .out(started)
  );
  reg runs;
  assign running = runs || (kStartCycles < 4 && start);

  reg ever_started;
  reg [PART_BITS-1:0] issued_part;
  always @(posedge clk) begin
    if (!resetn) begin
      runs <= 1'b0;
      ever_started <= 1'b0;
      vector_gap <= 0;
      latest_left <= 0;
      before_left <= 0;
      reserved <= 0;
      deferred <= 1'b0;
      part_issued <= 1'b0;
    end else begin
      runs <= started || (running && !run_ends);
      ever_started <= ever_started || start;
      vector_gap <= (issue && head_begins) ? VECTOR_GAP[VECTOR_GAP_BITS-1:0] :
                    vector_gap == 0 ? {VECTOR_GAP_BITS{1'b0}} : vector_gap - 1'b1;
      latest_left <= issue_part_end ? latest_left + INTERVAL_LEFT[INTERVAL_BITS-1:0] : latest_next;
      before_left <= issue_part_end ? latest_next : before_next;
      reserved <= (issue && head_leaves) ? (slice_finished ? reserved_both : reserved_more) : slice_finished ? reserved_less : reserved;
      deferred <= (issue_part_end && latest_left != 0) || (deferred && !announce_deferred);
      part_issued <= announce_deferred || (issue_part_end && latest_left == 0);
    end
    deferred_left <= issue_part_end ? latest_next : deferred_left - 1'b1;
    if (issue_part_end) deferred_part <= head_part;
    issued_part <= announce_deferred ? deferred_part : head_part;
  end
  assign {part_begins_vector, part_first, part_final, part_one_plane, part_negate, part_dense, part_leaves,
          part_last_of_run, part_shift, part_size, part_scale_address, part_bias_address, part_cell_read,
          part_cell_write, part_state_write} = issued_part[RECORD_BITS-1:0];
  assign part_gru = CELL_KINDS > 1 && issued_part[PART_BITS-1];

  wire unused = &{1'b0, part_record, wide_h_read, wide_x_words, wide_header_chunk, units_end, slices_left, head_address, head_need, head_needs_state};

  assign cycle_class = issue ? 3'd1 : !running ? (ever_started ? 3'd6 : 3'd0) : (!head_valid || !vector_ok || !input_ok) ? 3'd2 :
                       !state_ok ? 3'd3 : !update_ok ? 3'd4 : 3'd5;
endmodule
