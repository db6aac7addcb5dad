// Part of the sequencer: which vector comes next. Follows steps and sequences through the descriptors (descriptor_memory).
// Three stages: `d`, the descriptor of a vector as it is read; `u`, the upcoming vector with its addresses, which waits for
// its header; `v`, the vector under way, which the pass generator works through. What u is - first or last of its sequence,
// last of the run - is decided when its header is there, and fetches the descriptor of the vector after it. vector_state
// knows where its state lies. While the core stands still, vector 0 of the next run is kept in u.
module vector_sequencer #(
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer SLICES = 4,
    parameter integer RING_BITS = 9,
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer WEIGHT_BITS = 12,
    parameter integer SCALE_BITS_ADDRESS = 9,
    parameter integer BIAS_BITS_ADDRESS = 9,
    parameter integer ADDRESS_BITS = 11, // of a chunk, in input or state memory
    parameter integer TALLY_BITS = 24,   // counts slices of h, modulo
    parameter integer UNIT_BITS = 25,    // counts units of h, modulo: a tally with the bits of a slice's units
    parameter integer COLUMN_BITS = 4,
    parameter integer CELL_KINDS = 1,    // 1: LSTM, 2: LSTM and GRU
    parameter integer STREAM_BITS = 0,   // 0: one stream
    parameter integer STATE_AREA_BITS = 0, // of an address within the area of a stream
    parameter integer CELL_AREA_BITS = 0,
    parameter integer HEADER_BITS = 3 + 16 + COLUMN_BITS + STREAM_BITS
) (
    input wire clk,
    input wire resetn,
    // registers
    input wire descriptor_write,
    input wire [4:0] descriptor_index,
    input wire [4:0] descriptor_field,
    input wire [31:0] descriptor_data,
    input wire [5:0] descriptor_count,
    input wire mode_is_sequence,
    input wire [1:0] output_kind,
    input wire [1:0] output_steps,
    input wire [15:0] input_chunks,
    input wire input_one_hot,
    input wire running,
    // stream_input
    input wire [RING_BITS:0] header_count,
    input wire [RING_BITS:0] newest_step,          // the step of newest_header
    input wire [HEADER_BITS-1:0] newest_header,
    output wire [RING_BITS-1:0] header_address,
    input wire [HEADER_BITS-1:0] header_word,
    input wire sequence_valid,
    input wire sequence_end,
    input wire [RING_BITS:0] sequence_last_step,
    input wire [RING_BITS+1:0] sequence_last_chunk,
    input wire [STATE_BITS-1:0] sequence_last_offset,
    output wire sequence_pop,
    output wire [STATE_BITS-1:0] first_h_stride,
    output wire [15:0] first_x_words,
    // pass generator: it begins with the upcoming vector, `vector_valid` says that there is work in v
    output reg u_ready, // there is an upcoming vector, and the vector before it began long enough ago
    input wire waiting,     // the chunk of the pass generator has no place to go to
    input wire ends_vector, // it would be the last of the vector under way
    output reg vector_valid,
    input wire vector_done, // its last chunk leaves the generator
    input wire group_done,  // the last chunk of a group
    output wire [ADDRESS_BITS-1:0] u_x_begin,  // chunk address of x
    output wire [15:0] u_groups,
    output reg u_dense, u_one_group, u_one_x_chunk, u_one_x_plane, u_one_source_chunk,
    output reg [15:0] u_slices,                // that the vector makes
    output wire [15:0] u_x_chunks,
    output wire [3:0] u_x_planes,
    output wire [15:0] u_source_chunks,
    output wire [WEIGHT_BITS-1:0] u_weight_base,
    output wire [UNIT_BITS-1:0] u_x_start,     // units of h, + E - 1, that make its first chunk of x final
    output wire [TALLY_BITS-1:0] u_x_full,     // slices that make all of it final
    output reg v_dense,
    output wire v_gru,
    output reg v_x_input,
    output reg v_one_hot,
    output reg v_one_x_chunk, v_one_x_plane, v_one_h_chunk, v_one_h_plane, v_one_source_chunk,
    output reg [15:0] v_size,
    output reg [15:0] v_x_chunks,
    output reg [3:0] v_x_planes,
    output reg [15:0] v_x_words,
    output reg [15:0] v_h_chunks,
    output reg [3:0] v_h_planes,
    output reg [SCALE_BITS_ADDRESS-1:0] v_scale_base,
    output reg [BIAS_BITS_ADDRESS-1:0] v_bias_base,
    output reg [6:0] v_shift,
    output reg [ADDRESS_BITS-1:0] v_x_address,    // chunk address of x
    output reg [ADDRESS_BITS-1:0] v_x_second,     // of the second source's chunks, where v_x_jumps
    output wire v_x_jumps,
    output reg [15:0] v_source_chunks,
    // of the first source of x, its second one, and h: units that make the first chunk final, slices that make all of it
    output reg [UNIT_BITS-1:0] v_x_start,
    output reg [UNIT_BITS-1:0] v_x_second_start,
    output reg [UNIT_BITS-1:0] v_h_start,
    output reg [TALLY_BITS-1:0] v_x_full,
    output reg [TALLY_BITS-1:0] v_x_second_full,
    output reg [TALLY_BITS-1:0] v_h_full,
    output reg v_h_final,                         // h is the initial vector, or was written long ago
    output reg [STATE_BITS-1:0] v_h_read,
    output reg [STATE_BITS-1:0] v_h_write,
    output reg [CELL_BITS-1:0] v_cell_read,
    output reg [CELL_BITS-1:0] v_cell_write,
    output reg [15:0] v_header_chunk,
    output reg [COLUMN_BITS-1:0] v_header_column,
    output reg v_leaves,
    output reg v_last_of_run,                     // the last vector that leaves in this run
    output reg v_ends_run,                        // the last vector of this run
    output reg v_releases,                        // the last one that reads its step (sequence)
    output wire [RING_BITS:0] v_release_count     // steps of the sequence
);
  `include "timing.svh"
  localparam integer FIELDS = 22;
  localparam integer FIELD_BITS = 22;
  wire every = output_steps == 2'd0;
  wire sequence_mode = STREAM_BITS == 0 && mode_is_sequence; // several streams: there is none

  // ---- The upcoming vector: from `form` to `take`.
  reg halted;
  wire idle = !running || halted;
  reg u_one_h_chunk, u_one_h_plane;
  reg u_full;        // there is one
  reg u_known;       // and its header is there, if it needs one
  reg u_decided;     // what it is has been decided
  reg [FIELDS*FIELD_BITS-1:0] u; // its descriptor
  reg [4:0] u_index;
  reg [4:0] u_following; // the descriptor after its own
  reg u_at_end;          // there is none
  reg u_reverse, u_parity;
  reg u_opens;           // it is the first vector of a step (sequence mode: of a sequence)
  reg u_from_end;        // it begins with the last step of a sequence that may not have arrived
  reg u_needs_header;
  reg [RING_BITS:0] u_step;
  reg [STATE_BITS-1:0] u_h_previous, u_h_write;
  reg [ADDRESS_BITS-1:0] u_x_address, u_x_second;
  reg [HEADER_BITS-1:0] header; // of the vector's step
  reg [RING_BITS:0] first_step; // of the sequence (stream mode: the step)
  reg [RING_BITS+1:0] first_chunk;
  reg q_valid, q_end; // the sequence under way, where it has arrived whole
  reg [RING_BITS:0] q_last_step;
  reg [RING_BITS+1:0] q_last_chunk;
  reg [STATE_BITS-1:0] q_last_offset;
  wire form;
  wire take = u_ready && (!vector_valid || (!waiting && ends_vector)); // the upcoming vector becomes the one under way
  assign u_groups = u[1*FIELD_BITS+:16];
  assign u_x_chunks = u[3*FIELD_BITS+:16];
  assign u_x_planes = u[4*FIELD_BITS+:4];
  assign u_weight_base = u[8*FIELD_BITS+:WEIGHT_BITS];
  assign u_source_chunks = u[20*FIELD_BITS+:16];

  // ---- Its header; where it begins with the last step of a sequence, that of the sequence's last.
  wire [RING_BITS:0] end_step = q_valid ? q_last_step : sequence_last_step;
  wire [RING_BITS+1:0] end_chunk = q_valid ? q_last_chunk : sequence_last_chunk;
  wire [STATE_BITS-1:0] end_offset = q_valid ? q_last_offset : sequence_last_offset;
  wire awaiting = u_full && u_needs_header && !u_known;
  wire [RING_BITS-1:0] awaited = u_from_end ? end_step[RING_BITS-1:0] : u_step[RING_BITS-1:0];
  wire arrived = u_from_end ? q_valid || sequence_valid : header_count != u_step;
  // Compared with each of the three steps that it may be, since which of them is late. With several streams there are no
  // whole sequences, and much follows the compare: in parts of one LUT each, which synthesis cannot arrange in a longer way.
  localparam integer STEP_PARTS = (RING_BITS + 3) / 3;
  wire is_newest;
  genvar p;
  generate
    if (STREAM_BITS == 0) begin : g_sequences
      assign is_newest = !u_from_end ? newest_step == u_step : q_valid ? newest_step == q_last_step : newest_step == sequence_last_step;
    end else begin : g_steps
      wire [3*STEP_PARTS-1:0] wide_newest = {{(3 * STEP_PARTS - RING_BITS - 1) {1'b0}}, newest_step};
      wire [3*STEP_PARTS-1:0] wide_step = {{(3 * STEP_PARTS - RING_BITS - 1) {1'b0}}, u_step};
      wire [STEP_PARTS-1:0] equal;
      for (p = 0; p < STEP_PARTS; p = p + 1) begin : g_part
        equal3 part (.a(wide_newest[3*p+:3]), .b(wide_step[3*p+:3]), .equal(equal[p]));
      end
      assign is_newest = &equal;
    end
  endgenerate
  reg awaited_there, formed, formed_there; // header_word is the awaited one: read while u waited, or as it was formed
  wire word_ready = awaited_there || (formed && formed_there);
  wire header_ready = awaiting && arrived && (is_newest || word_ready) && !idle;
  wire now_known = header_ready || (u_full && !u_needs_header && !u_known && !idle);
  reg u_at_end_step; // it has the position of the sequence's last step, which may arrive before its header is read
  wire goes_to_end = awaiting && u_from_end && arrived && !u_at_end_step;
  wire [31:0] wide_end_chunk = {{(30 - RING_BITS) {1'b0}}, end_chunk};
  // The header of the vector after it is read while u is formed.
  wire d_awaits_end, d_arrived;
  reg [RING_BITS:0] d_step;
  wire [RING_BITS:0] d_awaited = d_awaits_end ? sequence_last_step : d_step;
  assign d_arrived = d_awaits_end ? sequence_valid : header_count != d_step;
  assign header_address = awaiting ? awaited : d_awaited[RING_BITS-1:0];

  // ---- What it is. Which of its steps count is known from the descriptor; whether this one is such a step, from the header
  // or the sequence under way.
  reg u_done_always, u_done_if_last, u_done_if_first; // the last vector of its descriptor in this sequence
  reg u_leaves_always, u_leaves_if_last, u_leaves_if_done;
  reg u_skips_dense;      // stream mode: only the last step has a dense vector, and it would be next
  reg u_first_is_last;    // runs from the last step to the first
  reg u_may_release;
  wire is_first = sequence_mode ? u_step == first_step : header[0];
  wire is_last = sequence_mode ? q_valid && u_step == q_last_step : header[1];
  wire is_end = sequence_mode ? q_valid && q_end : header[2];
  wire descriptor_done = u_done_always || (u_done_if_last && is_last) || (u_done_if_first && is_first);
  wire restarts = descriptor_done && (u_at_end || (u_skips_dense && !is_last));
  wire leaves = u_leaves_always || (u_leaves_if_last && is_last) || (u_leaves_if_done && descriptor_done);
  wire first = u_first_is_last ? is_last : is_first;

  // The vector after it: decided in the cycle in which it is known, fetched in the next.
  reg fetch;
  reg r_same, r_restarts, r_ends_run;
  reg [4:0] r_index;
  wire decide = u_known && !u_decided;
  always @(posedge clk) begin
    if (!resetn) fetch <= 1'b0;
    else fetch <= decide && !idle;
    if (decide) begin
      r_same <= !descriptor_done;
      r_restarts <= restarts;
      r_ends_run <= restarts && is_end;
    end
    if (idle || decide) r_index <= (descriptor_done ? u_following : u_index) & {5{!idle && !restarts}};
  end

  // ---- Descriptors.
  wire [31:0] reverse_flags;
  wire last_is_dense;
  wire second_reads_input;
  wire [4:0] next_index = r_index;
  wire [FIELDS*FIELD_BITS-1:0] read_fields;
  wire [STATE_BITS-1:0] following_x_stride, following_h_stride;
  descriptor_memory #(
      .FIELDS(FIELDS), .FIELD_BITS(FIELD_BITS), .STATE_BITS(STATE_BITS), .CELL_BITS(CELL_BITS), .WEIGHT_BITS(WEIGHT_BITS),
      .SCALE_BITS_ADDRESS(SCALE_BITS_ADDRESS), .BIAS_BITS_ADDRESS(BIAS_BITS_ADDRESS), .CELL_KINDS(CELL_KINDS)
  ) descriptors (
      .clk(clk), .write(descriptor_write), .write_index(descriptor_index), .write_field(descriptor_field),
      .write_data(descriptor_data), .count(descriptor_count), .read_index(next_index), .read_fields(read_fields),
      .following_index(u_following), .following_x_stride(following_x_stride), .following_h_stride(following_h_stride),
      .reverse_flags(reverse_flags), .last_is_dense(last_is_dense), .second_reads_input(second_reads_input),
      .first_x_words(first_x_words), .first_h_stride(first_h_stride)
  );

  // ---- The addresses of the vector after it, from its descriptor, which has stood for a cycle.
  reg [FIELDS*FIELD_BITS-1:0] d;
  reg d_valid, d_ready, d_same, d_restarts;
  reg d_goes_on; // in sequence mode: the next step of the vector before it
  reg [4:0] d_index;
  wire d_dense = d[0];
  reg d_reverse;
  reg d_from_end; // a descriptor that begins with the sequence's last step
  wire d_x_input = d[2];
  wire d_emit = d[4];
  wire [STATE_BITS-1:0] d_x_base = d[11*FIELD_BITS+:STATE_BITS];
  wire [STATE_BITS-1:0] d_x_stride = d[12*FIELD_BITS+:STATE_BITS];
  wire [STATE_BITS-1:0] d_h_base = d[13*FIELD_BITS+:STATE_BITS];
  wire [STATE_BITS-1:0] d_h_stride = d[14*FIELD_BITS+:STATE_BITS];
  wire [21:0] d_source_chunks = d[20*FIELD_BITS+:22];
  wire [31:0] step_chunks = input_one_hot ? 32'd0 : {16'd0, input_chunks};
  wire [RING_BITS:0] next_first_step = (sequence_mode ? q_last_step : first_step) + 1'b1;
  wire [RING_BITS+1:0] next_first_chunk = (sequence_mode ? q_last_chunk : first_chunk) + step_chunks[RING_BITS+1:0];
  wire [RING_BITS:0] d_first_step = d_restarts ? next_first_step : first_step;
  wire [RING_BITS+1:0] d_first_chunk = d_restarts ? next_first_chunk : first_chunk;
  wire d_parity = !idle && (u_parity ^ d_restarts);
  wire d_x_slot, d_h_slot; // slots that are known as the addresses are formed
  // Of this step's slot in the following descriptor, sequence mode; 0 from the second idle cycle on, and there are at least
  // three between two runs.
  reg [STATE_BITS-1:0] x_offset, h_offset;
  // Mode final: what a reverse source computes last is in slot 0.
  reg d_from_slot_0;
  // Steps backwards subtract: the complement of the stride, and a carry in a bit below.
  wire d_steps_back = d_goes_on && d_reverse;
  wire [STATE_BITS-1:0] d_state_offset = !sequence_mode ? (d_x_slot ? d_x_stride : {STATE_BITS{1'b0}}) :
                                         d_same ? d_x_stride ^ {STATE_BITS{d_reverse}} :
                                         (d_from_end && !d_from_slot_0) ? x_offset : {STATE_BITS{1'b0}};
  wire [STATE_BITS-1:0] d_state_base = d_goes_on ? u_x_address[STATE_BITS-1:0] : d_x_base;
  wire [STATE_BITS:0] d_state_address = {d_state_base, 1'b1} + {d_state_offset, d_steps_back};
  reg [RING_BITS+1:0] d_chunk_base, d_chunk_offset;
  wire [RING_BITS+1:0] d_chunk_address = d_chunk_base + d_chunk_offset;
  wire [STATE_BITS-1:0] d_h_write_base = d_goes_on ? u_h_write : d_h_base;
  wire [STATE_BITS-1:0] d_h_write_offset = !sequence_mode ? (d_h_slot ? d_h_stride : {STATE_BITS{1'b0}}) :
                                           d_same ? d_h_stride ^ {STATE_BITS{d_reverse}} :
                                           (d_reverse && !d_restarts) ? h_offset : {STATE_BITS{1'b0}};
  wire [STATE_BITS:0] d_h_write = {d_h_write_base, 1'b1} + {d_h_write_offset, d_steps_back};
  wire [STATE_BITS-1:0] d_h_read_offset = d_h_slot ? {STATE_BITS{1'b0}} : d_h_stride;
  assign d_awaits_end = sequence_mode && d_reverse && d_restarts;
  wire d_opens = d_restarts || idle; // the first vector of a step (sequence mode: of a sequence)
  wire [5:0] d_following = {1'b0, d_index} + 6'd1;
  localparam integer E = UPDATE_WIDTH;
  localparam integer E_BITS = $clog2(E);
  wire [15:0] d_size = d[2*FIELD_BITS+:16];
  wire [16:0] d_dense_slices = ({1'b0, d_size} + (4 * E[16:0] - 17'd1)) >> (E_BITS + 2);
  wire [16:0] d_h_length = ({1'b0, d_size} + (E[16:0] - 17'd1)) >> E_BITS;
  wire [16:0] d_x_length = ({1'b0, d[21*FIELD_BITS+:16]} + (E[16:0] - 17'd1)) >> E_BITS;
  reg [15:0] d_slices;
  reg [15:0] u_h_length, u_x_length; // slices of h and of a source's vector
  assign form = d_ready && !u_full;
  // The descriptor of the upcoming vector is wide: it has its own copy of u_full.
  wire u_full_next = idle || form || (u_full && !take);
  wire u_full_copy;
  valid_delay #(.CYCLES(1)) full_copy (.clk(clk), .resetn(resetn), .in(u_full_next), .out(u_full_copy));
  wire form_or_idle = idle || (d_ready && !u_full_copy);
  always @(posedge clk) begin
    d_step <= !sequence_mode ? d_first_step : d_same ? (d_reverse ? u_step - 1'b1 : u_step + 1'b1) :
              d_from_end ? q_last_step : d_first_step;
    d_chunk_base <= d_goes_on ? u_x_address[RING_BITS+1:0] : (sequence_mode && d_reverse) ? q_last_chunk : d_first_chunk;
    d_chunk_offset <= !d_goes_on ? {(RING_BITS + 2) {1'b0}} : d_reverse ? -step_chunks[RING_BITS+1:0] : step_chunks[RING_BITS+1:0];
    d_slices <= d_dense ? d_dense_slices[15:0] : d_h_length[15:0];
    d_from_slot_0 <= d_dense && output_steps == 2'd2 && reverse_flags[d[19*FIELD_BITS+:5]];
    if (fetch || idle) begin
      d <= read_fields;
      d_reverse <= read_fields[1] && !read_fields[0];
      d_from_end <= read_fields[0] ? !every : read_fields[1];
      d_index <= next_index;
      d_same <= !idle && r_same;
      d_goes_on <= !idle && r_same && sequence_mode;
      d_restarts <= !idle && r_restarts;
    end
    if (form_or_idle) begin
      u <= d;
      u_index <= d_index;
      u_following <= d_following[4:0];
      u_at_end <= d_following == descriptor_count;
      u_dense <= d_dense;
      u_reverse <= d_reverse;
      u_parity <= d_parity;
      u_opens <= d_opens;
      u_from_end <= sequence_mode && d_reverse && d_opens;
      u_needs_header <= sequence_mode ? d_x_input : d_opens;
      u_done_always <= !sequence_mode || (d_dense && !every);
      u_done_if_last <= sequence_mode && (d_dense ? every : !d_reverse);
      u_done_if_first <= sequence_mode && d_reverse;
      u_leaves_always <= d_dense || (d_emit && output_kind == 2'd0 && every);
      u_leaves_if_last <= d_emit && output_kind == 2'd0 && !every && (output_steps == 2'd1 || !sequence_mode);
      u_leaves_if_done <= d_emit && output_kind == 2'd0 && !every && output_steps != 2'd1 && sequence_mode;
      u_skips_dense <= !sequence_mode && !every && last_is_dense && d_following + 6'd1 == descriptor_count;
      u_first_is_last <= sequence_mode && d_reverse;
      u_may_release <= d_index != 0 || !(second_reads_input && descriptor_count > 6'd1);
      u_x_second <= 0;
      u_x_second[STATE_BITS-1:0] <= d_x_base + d_source_chunks[STATE_BITS-1:0];
      u_h_previous <= sequence_mode ? u_h_write : d_h_base + d_h_read_offset;
      u_one_group <= d[1*FIELD_BITS+:16] == 16'd1;
      u_one_x_chunk <= d[3*FIELD_BITS+:16] == 16'd1;
      u_one_x_plane <= d[4*FIELD_BITS+:4] == 4'd1;
      u_one_h_chunk <= d[6*FIELD_BITS+:16] == 16'd1;
      u_one_h_plane <= d[7*FIELD_BITS+:4] == 4'd1;
      u_one_source_chunk <= d_source_chunks[15:0] == 16'd1;
      u_slices <= d_slices;
      u_h_length <= d_h_length[15:0];
      u_x_length <= d_x_length[15:0];
    end
    // What the end of a sequence changes: with the narrow `form`, since `form_or_idle` is late.
    u_at_end_step <= !idle && !form && (u_at_end_step || goes_to_end);
    if (idle || form) begin
      u_step <= d_step;
      u_x_address <= 0;
      if (d_x_input) u_x_address[RING_BITS+1:0] <= d_chunk_address;
      else u_x_address[STATE_BITS-1:0] <= d_state_address[STATE_BITS:1];
      u_h_write <= d_h_write[STATE_BITS:1];
    end else if (goes_to_end) begin
      u_step <= end_step;
      u_x_address <= wide_end_chunk[ADDRESS_BITS-1:0];
      u_h_write <= u_h_write + end_offset;
    end
    if (awaiting) header <= awaited_header; // stays when header_ready, which would be late, ends the wait
  end

  // ---- Where its state lies, and which slices of h it has to await.
  reg v_begins;
  reg [4:0] v_index;
  reg [TALLY_BITS-1:0] tally;
  wire [HEADER_BITS-1:0] awaited_header = is_newest ? newest_header : header_word;
  wire [UNIT_BITS-1:0] u_x_second_start, u_h_start;
  wire [TALLY_BITS-1:0] u_x_second_full, u_h_full;
  wire [STATE_BITS-1:0] u_h_read_address, u_h_write_address;
  wire [CELL_BITS-1:0] u_cell_address;
  wire u_h_final;
  vector_state #(
      .LANE_WIDTH(LANE_WIDTH), .UPDATE_WIDTH(UPDATE_WIDTH), .SLICES(SLICES), .STATE_BITS(STATE_BITS), .CELL_BITS(CELL_BITS),
      .ADDRESS_BITS(ADDRESS_BITS), .TALLY_BITS(TALLY_BITS), .UNIT_BITS(UNIT_BITS), .COLUMN_BITS(COLUMN_BITS),
      .STREAM_BITS(STREAM_BITS), .STATE_AREA_BITS(STATE_AREA_BITS), .CELL_AREA_BITS(CELL_AREA_BITS), .HEADER_BITS(HEADER_BITS)
  ) state (
      .clk(clk), .idle(idle), .v_begins(v_begins && !v_dense), .v_index(v_index), .tally(tally), .take(take),
      .header(header), .newest_header(newest_header), .header_word(header_word),
      .takes_newest(is_newest), .keeps_header(u_known || !u_needs_header), .is_first(is_first), .d_parity(d_parity),
      .d_x_slot(d_x_slot), .d_h_slot(d_h_slot), .u_index(u_index), .u_source(u[19*FIELD_BITS+:5]), .u_opens(u_opens),
      .u_x_input(u[2]), .u_x_address(u_x_address), .u_h_write(u_h_write), .u_h_previous(u_h_previous),
      .u_cell_base(u[16*FIELD_BITS+:CELL_BITS]), .u_x_length(u_x_length), .u_h_length(u_h_length), .u_x_begin(u_x_begin),
      .u_h_read_address(u_h_read_address), .u_h_write_address(u_h_write_address), .u_cell_address(u_cell_address),
      .u_x_start(u_x_start), .u_x_full(u_x_full), .u_x_second_start(u_x_second_start), .u_x_second_full(u_x_second_full),
      .u_h_start(u_h_start), .u_h_full(u_h_full), .u_h_final(u_h_final)
  );

  // ---- From vector to vector.
  reg [kVectorCycles-3:0] began; // one to kVectorCycles - 2 cycles ago a vector began
  reg [RING_BITS:0] sequence_steps;
  wire halt = vector_valid && v_ends_run && !halted;
  wire leave_sequence = halt || (form && d_restarts);
  // In stream mode nobody asks where a sequence ends; what is known of it must be gone before the next run.
  assign sequence_pop = sequence_valid && (sequence_mode ? !q_valid : running);
  always @(posedge clk) begin
    if (!resetn) begin
      vector_valid <= 1'b0;
      v_begins <= 1'b0;
      halted <= 1'b0;
      u_full <= 1'b0;
      u_known <= 1'b0;
      u_ready <= 1'b0;
      u_decided <= 1'b0;
      began <= 0;
      d_valid <= 1'b0;
      d_ready <= 1'b0;
      q_valid <= 1'b0;
      awaited_there <= 1'b0;
      formed <= 1'b0;
      tally <= 0;
      first_step <= 0;
      first_chunk <= 0;
      x_offset <= 0;
      h_offset <= 0;
    end else begin
      vector_valid <= take || (vector_valid && !vector_done);
      v_begins <= take;
      halted <= running && (halted || halt);
      u_full <= u_full_next;
      u_known <= now_known || (u_known && !take && !idle);
      began <= {began[kVectorCycles-4:0], take};
      u_ready <= !take && !idle && (now_known || u_known) && began == 0;
      u_decided <= u_known && !take && !idle;
      d_valid <= !idle && (fetch || (d_valid && !form));
      d_ready <= !idle && d_valid && !form && !r_ends_run;
      q_valid <= sequence_mode && (sequence_pop || (q_valid && !leave_sequence));
      awaited_there <= awaiting && arrived && !header_ready;
      formed <= form && !awaiting;
      if (group_done && !v_dense) tally <= tally + SLICES[TALLY_BITS-1:0];
      if (leave_sequence) begin
        first_step <= next_first_step;
        first_chunk <= next_first_chunk;
      end
      if (idle || (form && !d_same)) begin
        x_offset <= 0;
        h_offset <= 0;
      end else if (form) begin
        x_offset <= x_offset + following_x_stride;
        h_offset <= h_offset + following_h_stride;
      end
    end
    formed_there <= d_arrived;
    if (sequence_pop) begin
      q_end <= sequence_end;
      q_last_step <= sequence_last_step;
      q_last_chunk <= sequence_last_chunk;
      q_last_offset <= sequence_last_offset;
    end
    if (take) begin
      v_index <= u_index;
      v_dense <= u_dense;
      v_x_input <= u[2];
      v_one_hot <= u[3];
      v_one_x_chunk <= u_one_x_chunk;
      v_one_x_plane <= u_one_x_plane;
      v_one_h_chunk <= u_one_h_chunk;
      v_one_h_plane <= u_one_h_plane;
      v_one_source_chunk <= u_one_source_chunk;
      v_size <= u[2*FIELD_BITS+:16];
      v_x_chunks <= u_x_chunks;
      v_x_planes <= u_x_planes;
      v_x_words <= u[5*FIELD_BITS+:16];
      v_h_chunks <= u[6*FIELD_BITS+:16];
      v_h_planes <= u[7*FIELD_BITS+:4];
      v_scale_base <= u[9*FIELD_BITS+:SCALE_BITS_ADDRESS];
      v_bias_base <= u[10*FIELD_BITS+:BIAS_BITS_ADDRESS];
      v_cell_read <= first ? u[17*FIELD_BITS+:CELL_BITS] : u_cell_address;
      v_cell_write <= u_cell_address;
      v_shift <= u[18*FIELD_BITS+:7];
      v_source_chunks <= u_source_chunks;
      v_x_address <= u_x_begin;
      v_x_second <= u_x_second;
      v_h_read <= first ? u[15*FIELD_BITS+:STATE_BITS] : u_h_read_address;
      v_h_write <= u_h_write_address;
      v_x_start <= u_x_start;
      v_x_second_start <= u_x_second_start;
      v_h_start <= u_h_start;
      v_x_full <= u_x_full;
      v_x_second_full <= u_x_second_full;
      v_h_full <= u_h_full;
      v_h_final <= first || u_h_final;
      v_leaves <= leaves;
      v_last_of_run <= leaves && is_end && u_at_end && (!every || descriptor_done);
      v_ends_run <= restarts && is_end;
      v_releases <= descriptor_done && u_may_release;
      sequence_steps <= q_last_step - first_step + 1'b1;
      v_header_chunk <= header[3+:16];
      v_header_column <= header[19+:COLUMN_BITS];
    end
  end
  generate
    if (CELL_KINDS > 1) begin : g_kind
      reg is_gru;
      always @(posedge clk) if (take) is_gru <= u[5];
      assign v_gru = is_gru;
    end else begin : g_one_kind
      assign v_gru = 1'b0;
    end
  endgenerate
  assign v_release_count = sequence_mode ? sequence_steps : {{RING_BITS{1'b0}}, 1'b1};
  assign v_x_jumps = v_dense && sequence_mode && output_steps == 2'd2;
  wire unused = &{1'b0, d_state_address[0], d_h_write[0], d, u, u_reverse, descriptor_data, d_dense_slices, d_h_length, d_x_length, d_source_chunks, step_chunks,
                  wide_end_chunk, d_awaited};
endmodule
