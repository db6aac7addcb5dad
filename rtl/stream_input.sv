// stream_input: the AXI4-Stream slave of the core. Routes loads to the memories and keeps input steps until the
// sequencer releases them. Timing: a beat per cycle; a header needs a free slot, released in an earlier cycle; what was
// transferred in cycle x can be issued in x + kInputCycles: headers are announced in x+1, chunks in x + kInputCycles - 1.
module stream_input #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer STATE_BITS = 9,                 // width of an offset in state memory
    parameter integer LOAD_BITS = 22,                 // width of a load address
    parameter integer WORD_BITS = 576,                // a load word, or a bank of one
    parameter integer RING_BITS = 9,                  // log2 of the chunks that the input memory holds
    parameter integer LUT_ADDRESS_BITS = 10,
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512,
    parameter integer CHUNK_BITS = LANE_WIDTH * ACTIVATION_BITS,
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1,
    parameter integer STREAMS = 1,
    parameter integer STREAM_BITS = 0,                // of a header's stream
    parameter integer HEADER_BITS = 3 + 16 + COLUMN_BITS + STREAM_BITS
) (
    input wire clk,
    input wire resetn,
    // AXI4-Stream
    input wire [63:0] s_tdata,
    input wire s_tvalid,
    output wire s_tready,
    // registers
    input wire [2:0] load_target,
    input wire load_begin,                            // LOAD_TARGET is being written
    input wire [LOAD_BITS-1:0] load_address_start,
    input wire [15:0] input_chunks,
    input wire input_one_hot,
    input wire [31:0] input_slots,
    input wire [STATE_BITS-1:0] first_h_stride,       // H_STRIDE of descriptor 0
    input wire [15:0] first_x_words,                  // X_WORDS of descriptor 0
    output reg stream_error,                          // a load beyond its memory; a header whose one-hot or stream is none
    // loads: word or bank, strobe per target
    output reg load_weights,
    output reg load_scales,
    output reg load_biases,
    output reg load_tables,
    output reg load_state,
    output reg load_cell,
    output reg [LOAD_BITS-1:0] load_address,
    output reg [6:0] load_bank,
    output wire [WORD_BITS-1:0] load_data,
    // steps, to the sequencer. Step numbers and chunk positions count modulo their width, from reset on.
    output wire header_accepted,
    output reg [RING_BITS:0] header_count,            // headers accepted
    output reg [RING_BITS:0] newest_step,             // header_count - 1
    output wire [HEADER_BITS-1:0] newest_header,       // its header: {stream, column, chunk, end, last, first}
    input wire [RING_BITS-1:0] header_address,
    output wire [HEADER_BITS-1:0] header_word,        // one cycle after its address
    output wire [RING_BITS+1:0] chunk_count,          // chunks arrived, kInputCycles - 2 cycles late
    output wire sequence_valid,                       // the oldest complete sequence
    output wire sequence_end,
    output wire [RING_BITS:0] sequence_last_step,
    output wire [RING_BITS+1:0] sequence_last_chunk,  // position of its last step's first chunk
    output wire [STATE_BITS-1:0] sequence_last_offset,// (steps - 1) * first_h_stride
    input wire sequence_pop,
    input wire release_steps,
    input wire [RING_BITS:0] release_count,
    // input memory, to the lanes: the chunk one cycle after its position
    input wire [RING_BITS-1:0] chunk_address,
    output wire [CHUNK_BITS-1:0] chunk_word
);
  `include "timing.svh"
  localparam integer WORD_BEATS = (WORD_BITS + 63) / 64;
  localparam integer SEQUENCE_BITS = 1 + (RING_BITS + 1) + (RING_BITS + 2) + STATE_BITS;

  wire running_target = load_target == 3'd0;
  wire transfer = s_tvalid & s_tready;

  // Slots.
  reg [RING_BITS:0] slots_used;   // without those that were released in the cycle before
  reg [RING_BITS+1:0] slots_taken_at_most; // by what is in slots_used: the slots, and those that were released
  reg released;                   // steps, in the cycle before
  reg [RING_BITS:0] released_count;
  reg [15:0] data_chunks_left; // of the step under way
  reg in_data;                 // there are some
  wire slot_free = {1'b0, slots_used} < slots_taken_at_most;
  assign s_tready = !running_target || in_data || slot_free;
  wire header_beat = s_tvalid && running_target && !in_data && slot_free;
  // A step of a stream that the core does not have is ignored with its data: it takes no slot, and no stream's state changes.
  wire bad_stream = {24'd0, s_tdata[15:8]} >= STREAMS;
  reg ignored; // the step under way
  assign header_accepted = header_beat && !bad_stream;
  wire data_accepted = transfer && running_target && in_data;

  // Beats of a word; beats within a bank of it.
  reg [9:0] beat;
  reg [4:0] bank_beat;
  reg [6:0] bank;
  reg [LOAD_BITS:0] next_address; // beyond every memory behind the last address
  wire word_done, bank_done, beyond;
  load_place #(
      .LOAD_BITS(LOAD_BITS), .WEIGHT_WORDS(WEIGHT_WORDS), .SCALE_WORDS(SCALE_WORDS), .BIAS_WORDS(BIAS_WORDS),
      .TABLE_WORDS(1 << LUT_ADDRESS_BITS), .STATE_WORDS(STATE_WORDS), .CELL_WORDS(CELL_WORDS),
      .WEIGHT_BEATS((LANES * LANE_WIDTH + 63) / 64), .SCALE_BEATS((4 * UPDATE_WIDTH * 16 + 63) / 64),
      .BIAS_BEATS((4 * UPDATE_WIDTH * 48 + 63) / 64), .CELL_BEATS((UPDATE_WIDTH * 16 + 63) / 64),
      .CHUNK_BEATS((CHUNK_BITS + 63) / 64)
  ) place (
      .load_target(load_target), .beat(beat), .bank_beat(bank_beat), .address(next_address),
      .word_done(word_done), .bank_done(bank_done), .beyond(beyond)
  );
  wire take = transfer && !header_beat;
  always @(posedge clk) begin
    if (!resetn || load_begin) begin
      beat <= 0;
      bank_beat <= 0;
      bank <= 0;
    end else if (take) begin
      beat <= word_done ? 10'd0 : beat + 10'd1;
      bank_beat <= bank_done ? 5'd0 : bank_beat + 5'd1;
      bank <= word_done ? 7'd0 : bank_done ? bank + 7'd1 : bank;
    end
  end

  wire bad_header = input_one_hot && (s_tdata[31:16] >= first_x_words || {16'd0, s_tdata[47:32]} >= LANE_WIDTH);
  always @(posedge clk)
    stream_error <= resetn && ((take && !running_target && beyond) || (header_beat && (bad_header || bad_stream)));

  // The word register: each beat goes to its place.
  reg [WORD_BEATS*64-1:0] word;
  genvar w;
  generate
    for (w = 0; w < WORD_BEATS; w = w + 1) begin : g_word
      always @(posedge clk) if (take && bank_beat == w[4:0]) word[w*64+:64] <= s_tdata;
    end
  endgenerate
  assign load_data = word[WORD_BITS-1:0];

  // Load strobes, beside the complete word.
  reg chunk_done;
  reg [RING_BITS+1:0] chunks_written;
  delay #(
      .WIDTH(RING_BITS + 2), .CYCLES(kInputCycles - 3)
  ) chunk_delay (
      .clk(clk), .in(chunks_written), .out(chunk_count)
  );
  always @(posedge clk) begin
    chunk_done <= resetn && data_accepted && word_done && !ignored;
    if (!resetn) next_address <= 0;
    else if (load_begin) next_address <= {1'b0, load_address_start};
    else if (take && !running_target && word_done) next_address <= next_address + 1'b1;
    load_address <= next_address[LOAD_BITS-1:0];
    load_bank <= bank;
    load_weights <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd1;
    load_scales <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd2;
    load_biases <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd3;
    load_tables <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd4;
    load_state <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd5;
    load_cell <= !resetn || beyond ? 1'b0 : take && bank_done && load_target == 3'd6;
  end

  // Steps.
  wire [15:0] step_chunks = input_one_hot ? 16'd0 : input_chunks;
  wire [31:0] wide_step_chunks = {16'd0, step_chunks};
  wire unused_step_chunks = &{1'b0, wide_step_chunks};
  wire [RING_BITS:0] used_more = slots_used + 1'b1;
  wire [RING_BITS:0] used_less = slots_used - released_count;
  wire [RING_BITS:0] used_both = used_less + 1'b1;
  reg [RING_BITS:0] slots; // input_slots, at least one and at most what the ring holds
  wire [RING_BITS+1:0] slots_and_released = {1'b0, slots} + {1'b0, release_count};
  always @(posedge clk) begin
    slots <= input_slots == 0 ? {{RING_BITS{1'b0}}, 1'b1} : |input_slots[31:RING_BITS] ? {1'b1, {RING_BITS{1'b0}}} : input_slots[RING_BITS:0];
    released_count <= release_count;
    slots_taken_at_most[RING_BITS:0] <= release_steps ? slots_and_released[RING_BITS:0] : slots;
    slots_taken_at_most[RING_BITS+1] <= release_steps & slots_and_released[RING_BITS+1];
    if (!resetn) begin
      slots_used <= 0;
      released <= 1'b0;
      in_data <= 1'b0;
      header_count <= 0;
      chunks_written <= 0;
    end else begin
      slots_used <= released ? (header_accepted ? used_both : used_less) : header_accepted ? used_more : slots_used;
      released <= release_steps;
      if (header_beat) in_data <= step_chunks != 0;
      else if (data_accepted && word_done) in_data <= data_chunks_left != 16'd1;
      if (header_accepted) header_count <= header_count + 1'b1;
      if (chunk_done) chunks_written <= chunks_written + 1'b1;
    end
    if (header_beat) begin
      data_chunks_left <= step_chunks;
      ignored <= bad_stream;
    end
    if (data_accepted && word_done) data_chunks_left <= data_chunks_left - 16'd1;
  end

  // A one-hot that is none counts as the first: what is stored says so, and what is read is corrected.
  localparam integer STORED_BITS = HEADER_BITS + 1;
  wire [26+COLUMN_BITS:0] whole_header = {s_tdata[15:8], s_tdata[32+:COLUMN_BITS], s_tdata[31:16], s_tdata[2:0]};
  wire [HEADER_BITS-1:0] header = whole_header[HEADER_BITS-1:0];
  wire unused_header = &{1'b0, whole_header};
  function [HEADER_BITS-1:0] corrected(input [STORED_BITS-1:0] stored);
    begin
      corrected = stored[HEADER_BITS-1:0];
      if (stored[HEADER_BITS]) corrected[3+:16+COLUMN_BITS] = 0;
    end
  endfunction
  reg [STORED_BITS-1:0] newest_stored;
  wire [STORED_BITS-1:0] stored_word;
  assign newest_header = corrected(newest_stored);
  assign header_word = corrected(stored_word);
  always @(posedge clk)
    if (header_accepted) begin
      newest_step <= header_count;
      newest_stored <= {bad_header, header};
    end
  ram_sdp #(
      .WIDTH(STORED_BITS), .DEPTH(1 << RING_BITS), .OUTPUT_REGISTER(0)
  ) headers (
      .clk(clk),
      .write_enable(header_beat), // a free slot; it becomes an entry where it is counted
      .write_address(header_count[RING_BITS-1:0]),
      .write_data({bad_header, header}),
      .read_address(header_address),
      .read_data(stored_word)
  );

  // Where each sequence ends: what a reverse layer has to know before it begins.
  reg [RING_BITS+1:0] step_chunk; // position of the first chunk of the step that the next header opens
  reg [STATE_BITS-1:0] step_offset;
  wire [STATE_BITS-1:0] this_offset = s_tdata[0] ? {STATE_BITS{1'b0}} : step_offset;
  always @(posedge clk) begin
    if (!resetn) begin
      step_chunk <= 0;
      step_offset <= 0;
    end else if (header_accepted) begin
      step_chunk <= step_chunk + wide_step_chunks[RING_BITS+1:0];
      step_offset <= this_offset + first_h_stride;
    end
  end
  fifo_fwft #(
      .WIDTH(SEQUENCE_BITS), .DEPTH(1 << RING_BITS)
  ) sequences (
      .clk(clk),
      .resetn(resetn),
      .offered(s_tvalid && running_target && !in_data && !bad_stream && s_tdata[1]),
      .accepted(slot_free),
      .push_data({s_tdata[2], header_count, step_chunk, this_offset}),
      .valid(sequence_valid),
      .data({sequence_end, sequence_last_step, sequence_last_chunk, sequence_last_offset}),
      .pop(sequence_pop)
  );

  ram_sdp #(
      .WIDTH(CHUNK_BITS), .DEPTH(1 << RING_BITS), .OUTPUT_REGISTER(0)
  ) chunks (
      .clk(clk),
      .write_enable(chunk_done),
      .write_address(chunks_written[RING_BITS-1:0]),
      .write_data(word[CHUNK_BITS-1:0]),
      .read_address(chunk_address),
      .read_data(chunk_word)
  );
endmodule
