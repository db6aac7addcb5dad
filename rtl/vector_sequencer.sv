// Part of the sequencer: which vector comes next. Holds the descriptors, follows steps and sequences, and has the next
// vector (n_) ready when the pass generator is through with the one under way (v_): decided in the first cycle of the
// vector under way, descriptor read by the next, addresses formed by the one after it, header read ahead where it has
// arrived. While the core stands still, vector 0 of the next run is kept ready.
module vector_sequencer #(
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
    parameter integer COLUMN_BITS = 4,
    parameter integer HEADER_BITS = 3 + 16 + COLUMN_BITS
) (
    input wire clk,
    input wire resetn,
    // registers
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
    input wire running,
    // stream_input
    input wire [RING_BITS:0] header_count,
    input wire [HEADER_BITS-1:0] newest_header,
    output wire [RING_BITS-1:0] header_address,
    input wire [HEADER_BITS-1:0] header_word,
    input wire sequence_valid,
    input wire sequence_end,
    input wire [RING_BITS:0] sequence_last_step,
    input wire [RING_BITS+1:0] sequence_last_chunk,
    input wire [STATE_BITS-1:0] sequence_last_offset,
    output wire sequence_pop,
    output reg [STATE_BITS-1:0] first_h_stride,
    // pass generator: `begin_vector` loads it from the next vector, `vector_valid` says that there is work in it
    output wire begin_vector,
    output reg vector_valid,
    output wire [ADDRESS_BITS-1:0] n_x_first,      // chunk address of x
    output wire [15:0] n_groups,
    output wire [15:0] n_size,
    output wire [15:0] n_x_chunks,
    output wire [3:0] n_x_planes,
    output wire [15:0] n_source_chunks,
    output wire [WEIGHT_BITS-1:0] n_weight_base,
    output reg [TALLY_BITS-1:0] n_x_tally,
    output reg [15:0] n_x_slices,
    output wire moves_x,                           // a waiting vector learns the chunk address of its x
    output wire [ADDRESS_BITS-1:0] moved_x,
    input wire vector_done, // its last chunk leaves the generator
    input wire group_done,  // the last chunk of a group
    output wire idle,
    output reg v_dense,
    output reg v_x_input,
    output reg v_one_hot,
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
    output reg [TALLY_BITS-1:0] v_x_tally,        // slices of h before the x vector (first source, second source)
    output reg [TALLY_BITS-1:0] v_x_second_tally,
    output reg [15:0] v_x_slices,                 // slices of a source's vector that hold units
    output reg [TALLY_BITS-1:0] v_h_tally,
    output reg [15:0] v_h_slices,
    output wire v_first,                          // h is the initial vector
    output wire [STATE_BITS-1:0] v_h_read,
    output reg [STATE_BITS-1:0] v_h_write,
    output wire [CELL_BITS-1:0] v_cell_read,
    output reg [CELL_BITS-1:0] v_cell_write,
    output wire [15:0] v_header_chunk,
    output wire [COLUMN_BITS-1:0] v_header_column,
    output wire v_leaves,
    output wire v_last_of_run,                    // the last vector that leaves in this run
    output wire v_ends_run,                       // the last vector of this run
    output wire v_releases,                       // the last one that reads its step (sequence)
    output wire [RING_BITS:0] v_release_count
);
  localparam integer FIELDS = 22;
  localparam integer FIELD_BITS = 22;
  function integer field_bits(input integer field);
    case (field)
      0: field_bits = 5;
      4, 7: field_bits = 4;
      8: field_bits = WEIGHT_BITS;
      9: field_bits = SCALE_BITS_ADDRESS;
      10: field_bits = BIAS_BITS_ADDRESS;
      11, 12, 13, 14, 15: field_bits = STATE_BITS;
      16, 17: field_bits = CELL_BITS;
      18: field_bits = 7;
      19: field_bits = 5;
      default: field_bits = 16;
    endcase
  endfunction

  // ---- What the vector under way is.
  reg v_valid, fetched, halted;
  reg [4:0] v_index;
  reg v_reverse, v_emit, v_parity;
  reg v_opens; // the first vector of a step (sequence mode: of a sequence)
  reg v_needs_header;
  reg [RING_BITS:0] v_step;
  reg [STATE_BITS-1:0] v_h_previous, v_h_initial;
  reg [CELL_BITS-1:0] v_cell_initial;
  reg [HEADER_BITS-1:0] header; // of the vector's step
  reg [RING_BITS:0] first_step; // of the sequence (stream mode: the step)
  reg [RING_BITS+1:0] first_chunk;
  reg q_valid, q_end; // the sequence under way, where it has arrived whole
  reg [RING_BITS:0] q_last_step;
  reg [RING_BITS+1:0] q_last_chunk;
  reg [STATE_BITS-1:0] q_last_offset;
  wire is_first = sequence_mode ? v_step == first_step : header[0];
  wire is_last = sequence_mode ? q_valid && v_step == q_last_step : header[1];
  wire is_end = sequence_mode ? q_valid && q_end : header[2];
  wire every = output_steps == 2'd0;
  // The last vector of its descriptor in this sequence.
  wire descriptor_done = !sequence_mode || (v_dense ? !every || is_last : v_reverse ? is_first : is_last);

  // ---- What follows it.
  reg [31:0] dense_flags, reverse_flags;
  reg second_reads_input; // descriptor 1: a second direction of layer 0
  reg last_is_dense;
  wire [5:0] following = {1'b0, v_index} + 6'd1;
  wire skips_dense = !sequence_mode && !every && !is_last && last_is_dense && following + 6'd1 == descriptor_count;
  wire next_same = !descriptor_done;
  wire next_restarts = descriptor_done && (following == descriptor_count || skips_dense);
  wire [4:0] next_index = (idle || next_restarts) ? 5'd0 : next_same ? v_index : following[4:0];
  assign v_ends_run = next_restarts && is_end;
  assign v_leaves = v_dense || (v_emit && output_kind == 2'd0 && (every || (output_steps == 2'd1 || !sequence_mode ? is_last : descriptor_done)));
  assign v_last_of_run = v_leaves && is_end && following == descriptor_count && (!every || descriptor_done);
  assign v_releases = descriptor_done && (v_index != 0 || !(second_reads_input && descriptor_count > 6'd1));
  assign v_release_count = sequence_mode ? q_last_step - first_step + 1'b1 : {{RING_BITS{1'b0}}, 1'b1};
  assign v_first = (sequence_mode && v_reverse) ? is_last : is_first; // first in the descriptor's direction
  assign v_h_read = v_first ? v_h_initial : v_h_previous;
  assign v_cell_read = v_first ? v_cell_initial : v_cell_write;
  assign v_x_jumps = v_dense && sequence_mode && output_steps == 2'd2;
  assign idle = !running || halted;
  wire halt = vector_done && v_ends_run;

  // ---- Headers. A vector that opens a step waits for its header, a reverse layer 0 for the sequence's last; the vector
  // under way, else the next one ahead of its time.
  reg n_valid, n_known, n_restarts, n_same, n_opens, n_dense, n_reverse, n_x_input, n_one_hot, n_emit, n_parity;
  reg [4:0] n_index;
  reg [ADDRESS_BITS-1:0] n_x_address, n_x_second;
  reg [STATE_BITS-1:0] n_h_previous, n_h_write;
  reg [RING_BITS:0] n_step;
  reg [HEADER_BITS-1:0] n_header;
  wire n_needs_header = sequence_mode ? n_x_input : n_opens;
  wire await_now = idle || (v_valid && !vector_valid);
  wire awaits = await_now ? v_needs_header : n_valid && n_needs_header && !n_known;
  wire from_end = sequence_mode && (await_now ? v_reverse && v_opens : n_reverse && n_opens);
  wire use_q = await_now && q_valid; // the awaited sequence has already become the one under way
  wire [RING_BITS:0] end_step = use_q ? q_last_step : sequence_last_step;
  wire [RING_BITS+1:0] end_chunk = use_q ? q_last_chunk : sequence_last_chunk;
  wire [STATE_BITS-1:0] end_offset = use_q ? q_last_offset : sequence_last_offset;
  wire [RING_BITS:0] awaited = from_end ? end_step : await_now ? v_step : n_step;
  wire arrived = from_end ? use_q || sequence_valid : header_count != awaited;
  wire is_newest = header_count == awaited + 1'b1;
  reg word_ready; // header_word is the awaited one
  // The header of the next vector is read while its addresses are formed.
  wire d_awaits_end = sequence_mode && d_reverse && d_restarts;
  wire [RING_BITS:0] d_awaited = d_awaits_end ? sequence_last_step : d_step;
  wire d_arrived = d_awaits_end ? sequence_valid : header_count != d_step;
  assign header_address = awaits ? awaited[RING_BITS-1:0] : d_awaited[RING_BITS-1:0];
  wire header_ready = awaits && arrived && (is_newest || word_ready);
  wire [HEADER_BITS-1:0] ready_header = is_newest ? newest_header : header_word;
  wire now_ready = header_ready && await_now;
  wire next_ready = header_ready && !await_now;
  wire [31:0] wide_end_chunk = {{(30 - RING_BITS) {1'b0}}, end_chunk};
  assign moves_x = now_ready && from_end;
  assign moved_x = wide_end_chunk[ADDRESS_BITS-1:0];
  assign n_x_first = (next_ready && from_end) ? moved_x : n_x_address;
  wire [STATE_BITS-1:0] n_h_write_now = (next_ready && from_end) ? n_h_write + end_offset : n_h_write;
  wire [RING_BITS:0] n_step_now = (next_ready && from_end) ? end_step : n_step;
  wire n_known_now = !n_needs_header || n_known || next_ready;
  assign v_header_chunk = header[3+:16];
  assign v_header_column = header[19+:COLUMN_BITS];

  // ---- Descriptors.
  wire [FIELDS*FIELD_BITS-1:0] read_fields;
  wire [STATE_BITS-1:0] following_x_stride, following_h_stride;
  genvar f;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : g_field
      localparam integer BITS = field_bits(f);
      localparam integer READS = (f == 12 || f == 14) ? 2 : 1;
      wire [READS*5-1:0] addresses;
      wire [READS*BITS-1:0] words;
      ram_async #(.WIDTH(BITS), .DEPTH(32), .READS(READS)) field_memory (
          .clk(clk), .write_enable(descriptor_write && descriptor_field == f), .write_address(descriptor_index),
          .write_data(descriptor_data[BITS-1:0]), .read_addresses(addresses), .read_data(words)
      );
      assign addresses[4:0] = next_index;
      wire [FIELD_BITS:0] padded = {{(FIELD_BITS + 1 - BITS) {1'b0}}, words[BITS-1:0]};
      wire unused_padding = padded[FIELD_BITS];
      assign read_fields[f*FIELD_BITS+:FIELD_BITS] = padded[FIELD_BITS-1:0];
      if (READS == 2) begin : g_following
        assign addresses[9:5] = following[4:0];
        if (f == 12) begin : g_x
          assign following_x_stride = words[BITS+:BITS];
        end else begin : g_h
          assign following_h_stride = words[BITS+:BITS];
        end
      end
    end
  endgenerate
  always @(posedge clk) begin
    last_is_dense <= dense_flags[descriptor_count[4:0]-5'd1];
    if (descriptor_write && descriptor_field == 5'd0) begin
      dense_flags[descriptor_index] <= descriptor_data[0];
      reverse_flags[descriptor_index] <= descriptor_data[1];
      if (descriptor_index == 5'd1) second_reads_input <= descriptor_data[2];
    end
    if (descriptor_write && descriptor_index == 5'd0 && descriptor_field == 5'd14) first_h_stride <= descriptor_data[STATE_BITS-1:0];
  end

  // Slices of h before each descriptor's latest vector: read for the vector's own h and for its two sources.
  reg [TALLY_BITS-1:0] tally;
  reg [FIELDS*FIELD_BITS-1:0] d; // descriptor of the next vector
  reg d_valid, d_same, d_restarts;
  reg [4:0] d_index;
  wire [TALLY_BITS-1:0] own_tally, source_tally, second_tally;
  wire fetch = vector_valid && !fetched && !idle;
  wire [4:0] d_source = d[19*FIELD_BITS+:5];
  wire [4:0] d_second_source = d_source + 5'd1;
  ram_async #(.WIDTH(TALLY_BITS), .DEPTH(32), .READS(3)) tallies (
      .clk(clk), .write_enable(fetch && !v_dense), .write_address(v_index), .write_data(tally),
      .read_addresses({d_second_source, d_source, d_index}), .read_data({second_tally, source_tally, own_tally})
  );

  // ---- The next vector's addresses.
  wire d_dense = d[0];
  wire d_reverse = d[1] && !d[0];
  wire d_x_input = d[2];
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
  wire d_parity = !idle && (v_parity ^ d_restarts);
  reg [STATE_BITS-1:0] x_offset, h_offset; // of this step's slot in the following descriptor, sequence mode
  // Mode final: what a reverse source computes last is in slot 0.
  wire d_from_slot_0 = d_dense && output_steps == 2'd2 && reverse_flags[d_source];
  wire d_from_end = d_reverse || (d_dense && !every); // a descriptor that begins with the sequence's last step
  wire [STATE_BITS-1:0] d_state_offset = !sequence_mode ? (d_parity ? d_x_stride : {STATE_BITS{1'b0}}) :
                                         d_same ? (d_reverse ? -d_x_stride : d_x_stride) :
                                         (d_from_end && !d_from_slot_0) ? x_offset : {STATE_BITS{1'b0}};
  wire [STATE_BITS-1:0] d_state_base = (sequence_mode && d_same) ? v_x_address[STATE_BITS-1:0] : d_x_base;
  wire [STATE_BITS-1:0] d_state_address = d_state_base + d_state_offset;
  wire [RING_BITS+1:0] d_chunk_base = (sequence_mode && d_same) ? v_x_address[RING_BITS+1:0] :
                                      (sequence_mode && d_reverse) ? q_last_chunk : d_first_chunk;
  wire [RING_BITS+1:0] d_chunk_offset = !(sequence_mode && d_same) ? {(RING_BITS + 2) {1'b0}} :
                                        d_reverse ? -step_chunks[RING_BITS+1:0] : step_chunks[RING_BITS+1:0];
  wire [RING_BITS+1:0] d_chunk_address = d_chunk_base + d_chunk_offset;
  wire [STATE_BITS-1:0] d_h_write_base = (sequence_mode && d_same) ? v_h_write : d_h_base;
  wire [STATE_BITS-1:0] d_h_write_offset = !sequence_mode ? (d_parity ? d_h_stride : {STATE_BITS{1'b0}}) :
                                           d_same ? (d_reverse ? -d_h_stride : d_h_stride) :
                                           (d_reverse && !d_restarts && !idle) ? h_offset : {STATE_BITS{1'b0}};
  wire [STATE_BITS-1:0] d_h_read_offset = d_parity ? {STATE_BITS{1'b0}} : d_h_stride;
  wire [RING_BITS:0] d_step = !sequence_mode ? d_first_step :
                              d_same ? (d_reverse ? v_step - 1'b1 : v_step + 1'b1) :
                              d_from_end ? q_last_step : d_first_step;
  localparam integer E = UPDATE_WIDTH;
  localparam integer E_BITS = $clog2(E);
  wire [15:0] d_size = d[2*FIELD_BITS+:16];
  wire [15:0] d_source_size = d[21*FIELD_BITS+:16];
  wire [16:0] d_slices = ({1'b0, d_size} + (E[16:0] - 17'd1)) >> E_BITS;
  wire [16:0] d_source_slices = ({1'b0, d_source_size} + (E[16:0] - 17'd1)) >> E_BITS;

  reg [FIELDS*FIELD_BITS-1:0] n; // descriptor of the next vector
  assign n_groups = n[1*FIELD_BITS+:16];
  assign n_size = n[2*FIELD_BITS+:16];
  assign n_x_chunks = n[3*FIELD_BITS+:16];
  assign n_x_planes = n[4*FIELD_BITS+:4];
  assign n_weight_base = n[8*FIELD_BITS+:WEIGHT_BITS];
  assign n_source_chunks = n[20*FIELD_BITS+:16];
  reg [TALLY_BITS-1:0] n_x_second_tally, n_h_tally;
  reg [15:0] n_h_slices;
  wire form = d_valid && !n_valid;
  always @(posedge clk) begin
    if (fetch || idle) begin
      d <= read_fields;
      d_index <= next_index;
      d_same <= !idle && next_same;
      d_restarts <= !idle && next_restarts;
    end
    if (form || idle) begin
      n <= d;
      n_index <= d_index;
      n_same <= d_same;
      n_restarts <= d_restarts;
      n_opens <= d_restarts || idle;
      n_dense <= d_dense;
      n_reverse <= d_reverse;
      n_x_input <= d_x_input;
      n_one_hot <= d[3];
      n_emit <= d[4];
      n_parity <= d_parity;
      n_x_address <= 0;
      if (d_x_input) n_x_address[RING_BITS+1:0] <= d_chunk_address;
      else n_x_address[STATE_BITS-1:0] <= d_state_address;
      n_x_second <= 0;
      n_x_second[STATE_BITS-1:0] <= d_x_base + d_source_chunks[STATE_BITS-1:0];
      n_h_write <= d_h_write_base + d_h_write_offset;
      n_h_previous <= sequence_mode ? v_h_write : d_h_base + d_h_read_offset;
      n_step <= d_step;
      n_x_tally <= source_tally;
      n_x_second_tally <= second_tally;
      n_h_tally <= own_tally;
      n_x_slices <= d_source_slices[15:0];
      n_h_slices <= d_slices[15:0];
    end else begin
      n_x_address <= n_x_first;
      n_h_write <= n_h_write_now;
      n_step <= n_step_now;
    end
    if (next_ready) n_header <= ready_header;
  end
  wire unused = &{1'b0, d, n, descriptor_data, d_slices, d_source_slices, d_source_chunks, step_chunks, wide_end_chunk, d_awaited};

  // ---- From vector to vector.
  wire switch_vector = n_valid && !idle && !halt && (vector_done || !v_valid);
  assign begin_vector = switch_vector || idle;
  wire leave_sequence = halt || (switch_vector && n_restarts);
  assign sequence_pop = sequence_mode && sequence_valid && (leave_sequence || !q_valid);
  always @(posedge clk) begin
    if (!resetn) begin
      v_valid <= 1'b0;
      vector_valid <= 1'b0;
      fetched <= 1'b0;
      halted <= 1'b0;
      d_valid <= 1'b0;
      n_valid <= 1'b0;
      n_known <= 1'b0;
      q_valid <= 1'b0;
      word_ready <= 1'b0;
      tally <= 0;
      first_step <= 0;
      first_chunk <= 0;
      x_offset <= 0;
      h_offset <= 0;
    end else begin
      halted <= running && (halted || halt);
      v_valid <= idle || switch_vector || (v_valid && !vector_done);
      vector_valid <= now_ready || (switch_vector && n_known_now) || (!idle && vector_valid && !vector_done);
      fetched <= !idle && !switch_vector && !halt && (fetched || fetch);
      d_valid <= !idle && !halt && (fetch || (d_valid && !form));
      n_valid <= !idle && !halt && (form || (n_valid && !switch_vector));
      n_known <= n_valid && !switch_vector && (n_known || next_ready);
      q_valid <= sequence_mode && (sequence_pop || (q_valid && !leave_sequence));
      word_ready <= awaits ? arrived && (idle || !header_ready) : form && d_arrived;
      if (group_done && !v_dense) tally <= tally + SLICES[TALLY_BITS-1:0];
      if (leave_sequence) begin
        first_step <= next_first_step;
        first_chunk <= next_first_chunk;
      end
      if (idle || (switch_vector && !n_same)) begin
        x_offset <= 0;
        h_offset <= 0;
      end else if (switch_vector) begin
        x_offset <= x_offset + following_x_stride;
        h_offset <= h_offset + following_h_stride;
      end
    end
    if (sequence_pop) begin
      q_end <= sequence_end;
      q_last_step <= sequence_last_step;
      q_last_chunk <= sequence_last_chunk;
      q_last_offset <= sequence_last_offset;
    end
    if (begin_vector) begin
      v_index <= n_index;
      v_dense <= n_dense;
      v_reverse <= n_reverse;
      v_x_input <= n_x_input;
      v_one_hot <= n_one_hot;
      v_emit <= n_emit;
      v_parity <= n_parity;
      v_opens <= n_opens;
      v_needs_header <= n_needs_header;
      v_size <= n_size;
      v_x_chunks <= n_x_chunks;
      v_x_planes <= n_x_planes;
      v_x_words <= n[5*FIELD_BITS+:16];
      v_h_chunks <= n[6*FIELD_BITS+:16];
      v_h_planes <= n[7*FIELD_BITS+:4];
      v_scale_base <= n[9*FIELD_BITS+:SCALE_BITS_ADDRESS];
      v_bias_base <= n[10*FIELD_BITS+:BIAS_BITS_ADDRESS];
      v_h_initial <= n[15*FIELD_BITS+:STATE_BITS];
      v_cell_write <= n[16*FIELD_BITS+:CELL_BITS];
      v_cell_initial <= n[17*FIELD_BITS+:CELL_BITS];
      v_shift <= n[18*FIELD_BITS+:7];
      v_source_chunks <= n_source_chunks;
      v_x_second <= n_x_second;
      v_h_previous <= n_h_previous;
      v_x_tally <= n_x_tally;
      v_x_second_tally <= n_x_second_tally;
      v_h_tally <= n_h_tally;
      v_x_slices <= n_x_slices;
      v_h_slices <= n_h_slices;
      v_step <= n_step_now;
      v_x_address <= n_x_first;
      v_h_write <= n_h_write_now;
      if (n_needs_header && n_known_now) header <= n_known ? n_header : ready_header;
    end
    if (now_ready) begin
      header <= ready_header;
      if (from_end) begin
        v_step <= end_step;
        v_x_address <= moved_x;
        v_h_write <= n_h_write + end_offset;
      end
    end
  end
endmodule
