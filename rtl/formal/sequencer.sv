// The sequencer issues what the descriptors say, chunk by chunk, and nothing too early: input that has arrived, h that is
// written, a part whose register is free, slices that the FIFO has room for. Every vector that begins ends with the right chunk
// of the right part, and nothing waits for ever: while no output is in the way, a step that is there goes on within MOST_CYCLES.
// Four lanes of width 1, update width 1, two steps in the input memory. stream_input, scale_bias,
// stream_output and software are modelled as their contracts say; tools/prove makes the pipeline short (timing.svh), so that
// within the bound a vector can see h of the one before it.
module formal_sequencer #(
    // What the descriptors say, one or two of them; `descriptor_memory` below has it from the data of its write port.
    parameter [0:0] TWO = 0,
    parameter [0:0] DENSE = 0, // the second is a dense layer
    parameter [1:0] GROUPS_0 = 1,
    parameter [1:0] GROUPS_1 = 1,
    parameter [1:0] X_CHUNKS = 1,
    parameter [1:0] X_PLANES_0 = 1,
    parameter [1:0] X_PLANES_1 = 1,
    parameter [1:0] H_PLANES = 1,
    parameter [1:0] OUTPUT_STEPS = 0,
    parameter integer FIFO_SLICES = 2,
    parameter integer MOST_CYCLES = 14
) (
    input wire clk,
    input wire resetn,
    input wire start,
    input wire header_arrives,
    input wire [2:0] flags, // of its header: end, last, first
    input wire chunk_arrives,
    input wire slice_finished
);
  `include "timing.svh"
  localparam integer RING_BITS = 2;
  localparam integer SLOTS = 2;
  localparam integer STATE_BITS = 3;
  localparam integer HEADER_BITS = 3 + 16 + 1;
  // From a part's turn to its slice (scale_bias), to the FIFO, and to h that can be read (docs/architecture.md).
  localparam integer SLICE_CYCLES = 4;
  localparam integer FIFO_CYCLES = kScaleBiasCycles + 1;
  localparam integer STATE_CYCLES = kScaleBiasCycles + 2 * kTableReadCycles + kCellCycles + kHiddenCycles + kStateWriteCycles;

  wire [12:0] plan = {H_PLANES, X_PLANES_1, X_PLANES_0, X_CHUNKS, GROUPS_1, GROUPS_0, DENSE};
  wire dense = TWO && DENSE;

  reg [RING_BITS:0] header_count, newest_step;
  reg [HEADER_BITS-1:0] newest_header, header_word;
  reg [RING_BITS+1:0] chunk_count;
  wire state_slice;
  wire running, run_ends, sequence_pop, release_steps, issue, issue_from_input, issue_one_hot, issue_begins_part, issue_negative;
  wire issue_part_last, part_issued, part_begins_vector, part_first, part_final, part_dense, part_leaves;
  wire [RING_BITS:0] release_count;
  wire [RING_BITS-1:0] header_address, input_address;
  wire [2:0] issue_plane;
  sequencer #(
      .LANES(4), .LANE_WIDTH(1), .UPDATE_WIDTH(1), .FIFO_SLICES(FIFO_SLICES), .RING_BITS(RING_BITS), .STATE_BITS(STATE_BITS),
      .CELL_BITS(1), .WEIGHT_BITS(1), .SCALE_BITS_ADDRESS(1), .BIAS_BITS_ADDRESS(1)
  ) sequencer (
      .clk(clk), .resetn(resetn), .start(start), .descriptor_write(1'b0), .descriptor_index(5'd0), .descriptor_field(5'd0),
      .descriptor_data({19'd0, plan}), .descriptor_count(TWO ? 6'd2 : 6'd1), .sequence_mode(1'b0),
      .output_kind({1'b0, dense}), .output_steps(OUTPUT_STEPS), .input_chunks({14'd0, X_CHUNKS}), .input_one_hot(1'b0),
      .running(running), .run_ends(run_ends), .header_count(header_count), .newest_step(newest_step),
      .newest_header(newest_header), .header_address(header_address), .header_word(header_word), .chunk_count(chunk_count),
      .sequence_valid(1'b0), .sequence_end(1'b0), .sequence_last_step(3'd0), .sequence_last_chunk(4'd0),
      .sequence_last_offset(3'd0), .sequence_pop(sequence_pop), .release_steps(release_steps), .release_count(release_count),
      .issue(issue), .input_address(input_address), .issue_from_input(issue_from_input), .issue_one_hot(issue_one_hot),
      .issue_begins_part(issue_begins_part), .issue_plane(issue_plane), .issue_negative(issue_negative),
      .issue_part_last(issue_part_last), .part_issued(part_issued), .part_begins_vector(part_begins_vector),
      .part_first(part_first), .part_final(part_final), .part_dense(part_dense), .part_leaves(part_leaves),
      .state_slice(state_slice), .slice_finished(slice_finished),
      .cycle_class(), .first_h_stride(), .first_x_words(), .weight_address(), .state_address(), .issue_column(), .part_one_plane(),
      .part_negate(), .part_gru(), .part_last_of_run(), .part_shift(), .part_size(), .part_scale_address(), .part_bias_address(),
      .part_cell_read(), .part_cell_write(), .part_state_write()
  );

  // ---- stream_input: headers and their chunks arrive in any cycle; the ring is not overfilled.
  reg [2:0] held;           // steps
  reg [RING_BITS+1:0] due;  // chunks of the headers that have arrived, modulo
  reg last_seen;            // the newest header ends its sequence
  reg [2:0] ring[0:(1<<RING_BITS)-1]; // flags
  wire chunk_missing = due != chunk_count;
  wire takes_header = header_arrives && held < SLOTS;
  always @(posedge clk) begin
    header_word <= {17'd0, ring[header_address]};
    if (takes_header) begin
      ring[header_count[RING_BITS-1:0]] <= flags;
      newest_header <= {17'd0, flags};
      newest_step <= header_count;
      last_seen <= flags[1];
    end
    if (!resetn) begin
      header_count <= 0;
      chunk_count <= 0;
      due <= 0;
      held <= 0;
      last_seen <= 1'b1;
    end else begin
      header_count <= header_count + {2'd0, takes_header};
      due <= due + (takes_header ? {2'd0, X_CHUNKS} : 4'd0);
      chunk_count <= chunk_count + {3'd0, chunk_arrives && chunk_missing};
      held <= held + {2'd0, takes_header} - {2'd0, release_steps};
    end
  end

  // ---- scale_bias and stream_output: a slice for every last part of a group.
  reg [STATE_CYCLES+SLICE_CYCLES-2:0] h_slices; // bit 0: its part was announced in the cycle before
  reg [FIFO_CYCLES-1:0] leaving;
  reg [2:0] in_fifo;
  assign state_slice = h_slices[SLICE_CYCLES-1];
  always @(posedge clk) begin
    h_slices <= resetn ? {h_slices[STATE_CYCLES+SLICE_CYCLES-3:0], part_issued && part_final && !part_dense} : 0;
    leaving <= resetn ? {leaving[FIFO_CYCLES-2:0], part_issued && part_final && part_leaves} : 0;
    in_fifo <= !resetn ? 3'd0 : in_fifo + {2'd0, leaving[FIFO_CYCLES-1]} - {2'd0, slice_finished};
  end

  // ---- What must be issued next.
  reg [1:0] part_chunks, part_plane; // chunks of this plane, and planes of this part, that were issued
  reg index, part, group;            // of the next chunk: descriptor, part, row group
  reg [RING_BITS-1:0] step;          // in the ring
  reg [RING_BITS+1:0] step_chunk;    // position of its first chunk
  reg [2:0] latched;                 // flags of the step, whose place may be taken again
  wire [1:0] groups = index ? GROUPS_1 : GROUPS_0;
  wire now_dense = index && dense;
  wire [1:0] chunks = part ? groups : index ? GROUPS_0 : X_CHUNKS;
  wire [1:0] planes = part ? H_PLANES : index ? X_PLANES_1 : X_PLANES_0;
  wire plane_ends = part_chunks + 2'd1 == chunks;
  wire part_ends = plane_ends && part_plane + 2'd1 == planes;
  wire group_ends = part_ends && (part || now_dense);
  wire vector_ends = group_ends && group + 2'd1 == groups;
  wire part_begins = part_chunks == 0 && part_plane == 0;
  wire [2:0] step_flags = part_begins && !part && !group && !index ? ring[step] : latched;
  wire skips = dense && OUTPUT_STEPS != 0 && !step_flags[1]; // the dense vector of any step but the last
  wire step_ends = vector_ends && (!TWO || index || skips);
  wire ends_run = step_ends && step_flags[2];
  wire releases = part_ends && !index && !part && group + 2'd1 == groups;
  // Slices of h that were made, and that can be read; before the latest vector of each descriptor, and of the one before it.
  reg [4:0] made, written;
  reg [4:0] before_0, before_1, now_0, now_1;
  wire [4:0] needed = (part ? (index ? before_1 : before_0) : now_0) + {3'd0, part_chunks} + 5'd1;
  wire [4:0] spare = written - needed;
  wire reads_state = !issue_from_input && !(part && step_flags[0]);
  always @(posedge clk) begin
    if (!resetn) begin
      {part_chunks, part_plane, index, part, group, step, step_chunk} <= 0;
      {made, written, before_0, before_1, now_0, now_1} <= 0;
    end else begin
      if (h_slices[STATE_CYCLES+SLICE_CYCLES-2]) written <= written + 5'd1;
      if (issue) begin
        latched <= step_flags;
        part_chunks <= plane_ends ? 2'd0 : part_chunks + 2'd1;
        if (plane_ends) part_plane <= part_ends ? 2'd0 : part_plane + 2'd1;
        if (part_ends) part <= !group_ends;
        if (group_ends) group <= !vector_ends && !group;
        if (group_ends && !now_dense) made <= made + 5'd1;
        if (vector_ends) index <= !step_ends;
        if (step_ends) step <= step + 1'b1;
        if (step_ends) step_chunk <= step_chunk + {2'd0, X_CHUNKS};
        // the vector begins
        if (part_begins && !part && !group && !index) {before_0, now_0} <= {now_0, made};
        if (part_begins && !part && !group && index) {before_1, now_1} <= {now_1, made};
      end
    end
  end

  // ---- Parts between their last chunk and their turn in scale_bias; until it ends they hold a part register.
  localparam integer PART_BITS = 5;
  wire leaves = now_dense || (!dense && index == TWO && (OUTPUT_STEPS == 0 || step_flags[1]));
  wire [PART_BITS-1:0] part_now = {!part && !group, !part, part || now_dense, now_dense, leaves};
  reg [3*PART_BITS-1:0] parts; // the oldest lowest
  reg [1:0] waiting, unfinished;
  reg turn_2, turn_3; // its second cycle, its third
  wire part_issues = issue && part_ends;
  wire [1:0] waiting_left = waiting - {1'b0, part_issued};
  wire [3*PART_BITS-1:0] parts_left = part_issued ? parts >> PART_BITS : parts;
  reg [5:0] silent_cycles;
  reg [2:0] steps_left; // that have arrived and are not issued whole
  reg [2:0] idle_cycles;
  wire quiet = h_slices == 0 && leaving == 0 && in_fifo == 0 && unfinished == 0;
  always @(posedge clk) begin
    parts <= part_issues ? parts_left & ~({{(2 * PART_BITS) {1'b0}}, {PART_BITS{1'b1}}} << PART_BITS * waiting_left) |
                           {{(2 * PART_BITS) {1'b0}}, part_now} << PART_BITS * waiting_left : parts_left;
    if (!resetn) begin
      {waiting, unfinished, turn_2, turn_3, silent_cycles, steps_left, idle_cycles} <= 0;
    end else begin
      waiting <= waiting_left + {1'b0, part_issues};
      unfinished <= unfinished + {1'b0, part_issues} - {1'b0, turn_2};
      {turn_3, turn_2} <= {turn_2, part_issued};
      steps_left <= steps_left + {2'd0, takes_header} - {2'd0, issue && step_ends};
      silent_cycles <= running && !issue && steps_left != 0 && !chunk_missing && in_fifo == 0 ? silent_cycles + 6'd1 : 6'd0;
      idle_cycles <= running || !quiet ? 3'd0 : idle_cycles == 3'd7 ? 3'd7 : idle_cycles + 3'd1;
    end
  end

  wire [RING_BITS+1:0] position = step_chunk + {2'd0, part_chunks};
  wire [RING_BITS+1:0] arrived = chunk_count - position;
  reg past_reset = 1'b0;
  always @(posedge clk) past_reset <= 1'b1;
  always @(*) begin
    assume (resetn == past_reset);
    if (past_reset) begin
      assume (flags[0] == last_seen && (!flags[2] || flags[1])); // a sequence follows the other; a run ends with one
      assume (!start || (!running && idle_cycles >= 3));         // software starts a run when the one before it is done
      assume (!slice_finished || in_fifo != 0);
      assert (!issue || (running && steps_left != 0));
      if (issue) begin
        assert (!issue_one_hot && issue_from_input == (!part && !index));
        assert (issue_begins_part == part_begins);
        assert (issue_part_last == part_ends);
        assert (issue_plane == {1'b0, planes - part_plane} - 3'd1 && issue_negative == (planes != 1 && part_plane == 0));
        assert (!issue_from_input || (input_address == position[RING_BITS-1:0] && arrived != 0 && !arrived[RING_BITS+1]));
        assert (!reads_state || !spare[4]);
        assert (!part_ends || unfinished < 2);
      end
      assert (release_steps == (issue && releases));
      assert (!release_steps || (release_count == 1 && held != 0));
      assert (run_ends == (issue && ends_run));
      assert (in_fifo <= FIFO_SLICES);
      assert (!part_issued || (waiting != 0 && !turn_2 && !turn_3));
      assert (!part_issued || {part_begins_vector, part_first, part_final, part_dense, part_leaves} == parts[PART_BITS-1:0]);
      assert (!sequence_pop);
      assert (silent_cycles < MOST_CYCLES);
    end
  end
endmodule

// In place of the descriptors that software writes: those of the harness' plan.
module descriptor_memory #(
    parameter integer FIELDS = 22,
    parameter integer FIELD_BITS = 22,
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer WEIGHT_BITS = 12,
    parameter integer SCALE_BITS_ADDRESS = 9,
    parameter integer BIAS_BITS_ADDRESS = 9,
    parameter integer CELL_KINDS = 1
) (
    input wire clk,
    input wire write,
    input wire [4:0] write_index,
    input wire [4:0] write_field,
    input wire [31:0] write_data,
    input wire [5:0] count,
    input wire [4:0] read_index,
    output wire [FIELDS*FIELD_BITS-1:0] read_fields,
    input wire [4:0] following_index,
    output wire [STATE_BITS-1:0] following_x_stride, following_h_stride,
    output wire [31:0] reverse_flags,
    output wire last_is_dense,
    output wire second_reads_input,
    output wire [15:0] first_x_words,
    output wire [STATE_BITS-1:0] first_h_stride
);
  wire two = count == 6'd2;
  wire dense = two && write_data[0];
  wire [1:0] groups_0 = write_data[2:1], groups_1 = write_data[4:3], x_chunks = write_data[6:5];
  wire second = read_index == 5'd1;
  wire now_dense = second && dense;
  reg [FIELDS*FIELD_BITS-1:0] fields;
  always @(*) begin
    fields = 0;
    fields[0+:5] = {now_dense || second == two, 1'b0, !second, 1'b0, now_dense}; // emit, one-hot, x from input, reverse, dense
    fields[1*FIELD_BITS+:2] = second ? groups_1 : groups_0;
    fields[2*FIELD_BITS+:4] = !second ? {2'd0, groups_0} : dense ? {groups_1, 2'd0} : {2'd0, groups_1}; // units or rows
    fields[3*FIELD_BITS+:2] = second ? groups_0 : x_chunks;
    fields[4*FIELD_BITS+:2] = second ? write_data[10:9] : write_data[8:7];
    fields[5*FIELD_BITS+:1] = 1'b1;
    fields[6*FIELD_BITS+:2] = now_dense ? 2'd0 : second ? groups_1 : groups_0;
    fields[7*FIELD_BITS+:2] = now_dense ? 2'd0 : write_data[12:11];
    fields[20*FIELD_BITS+:2] = second ? groups_0 : 2'd0;
    fields[21*FIELD_BITS+:2] = second ? groups_0 : 2'd0;
  end
  assign read_fields = fields;
  assign following_x_stride = 0;
  assign following_h_stride = 0;
  assign reverse_flags = 32'd0;
  assign last_is_dense = dense;
  assign second_reads_input = 1'b0;
  assign first_x_words = 16'd1;
  assign first_h_stride = 0;
endmodule
