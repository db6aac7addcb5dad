// stream_output: slice FIFO, serializer, beat FIFO, AXI4-Stream master. A slice written at the end of cycle q starts in
// q+1 or after the slice before it: logits two a beat and cycle; hidden packed, a cycle (or two) a slice; argmax two
// logits a cycle and one more for the beat at the end of a vector. A cycle that pushes a beat waits for room. These
// decisions are made in cycle t; the data follow: read in t, beat formed in t+1, TVALID in t+2 (kOutputFifoCycles).
module stream_output #(
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer FIFO_SLICES = 32,
    parameter integer OUTPUT_FIFO_BEATS = 512,
    parameter integer VALID_BITS = 5
) (
    input wire clk,
    input wire resetn,
    input wire [1:0] output_kind, // 0 hidden, 1 logits, 2 argmax
    input wire [31:0] packet_vectors,
    // slices; never more than reserved
    input wire logits_write,
    input wire [4*UPDATE_WIDTH*32-1:0] logits,
    input wire [VALID_BITS-1:0] logits_count,
    input wire logits_end_vector,
    input wire logits_last_of_run,
    input wire hidden_write,
    input wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] hidden,
    input wire [VALID_BITS-1:0] hidden_count,
    input wire hidden_end_vector,
    input wire hidden_last_of_run,
    output wire slice_finished, // in the slice's last cycle
    // AXI4-Stream
    output wire [63:0] m_tdata,
    output wire m_tvalid,
    output wire m_tlast,
    input wire m_tready,
    output wire transferred,
    output wire transferred_last_of_run
);
  `include "timing.svh"
  localparam integer E = UPDATE_WIDTH;
  localparam integer A = ACTIVATION_BITS;
  localparam integer SLICE_BITS = 4 * E * 32;
  localparam integer POINTER_BITS = $clog2(FIFO_SLICES);
  localparam integer ELEMENT_BITS = (A <= 8) ? 8 : 16;
  localparam integer HIDDEN_BITS = E * ELEMENT_BITS;                        // 8 to 128
  localparam integer SLICES_PER_BEAT = (HIDDEN_BITS >= 64) ? 1 : 64 / HIDDEN_BITS;
  localparam integer LAST_PLACE = SLICES_PER_BEAT - 1;
  localparam integer BEATS_PER_SLICE = (HIDDEN_BITS > 64) ? 2 : 1;
  localparam integer META_BITS = VALID_BITS + 2;

  // Slice FIFO.
  wire is_hidden = output_kind == 2'd0;
  wire is_argmax = output_kind == 2'd2;
  reg [POINTER_BITS:0] write_pointer, read_pointer;
  wire slice_write = is_hidden ? hidden_write : logits_write;
  wire [SLICE_BITS-1:0] slice_in;
  wire [META_BITS-1:0] meta_in = is_hidden ? {hidden_last_of_run, hidden_end_vector, hidden_count}
                                           : {logits_last_of_run, logits_end_vector, logits_count};
  assign slice_in[SLICE_BITS-1:E*A] = logits[SLICE_BITS-1:E*A];
  assign slice_in[E*A-1:0] = is_hidden ? hidden : logits[E*A-1:0];
  wire [SLICE_BITS-1:0] slice;
  wire last_of_run, ends_vector;
  wire [VALID_BITS-1:0] count;
  ram_async #(.WIDTH(SLICE_BITS + META_BITS), .DEPTH(1 << POINTER_BITS)) slices (
      .clk(clk),
      .write_enable(slice_write),
      .write_address(write_pointer[POINTER_BITS-1:0]),
      .write_data({meta_in, slice_in}),
      .read_addresses(read_pointer[POINTER_BITS-1:0]),
      .read_data({last_of_run, ends_vector, count, slice})
  );

  // Serializer.
  reg [VALID_BITS-1:0] turn;                   // cycle within the slice
  reg [2:0] place;                             // hidden: slice within the beat
  reg [$clog2(OUTPUT_FIFO_BEATS+1)-1:0] beats; // pushed - transferred
  wire present = write_pointer != read_pointer;
  wire [VALID_BITS-1:0] last_pair = (count - 1'b1) >> 1;
  wire last_turn = is_hidden ? turn == BEATS_PER_SLICE[VALID_BITS-1:0] - 1'b1 :
                   turn == last_pair + {{(VALID_BITS - 1) {1'b0}}, is_argmax & ends_vector};
  wire beat_full = BEATS_PER_SLICE == 2 || place == LAST_PLACE[2:0];
  wire pushes = is_hidden ? beat_full | ends_vector : is_argmax ? ends_vector & last_turn : 1'b1;
  wire room = beats < OUTPUT_FIFO_BEATS[$clog2(OUTPUT_FIFO_BEATS+1)-1:0];
  wire go = present & (room | ~pushes);
  wire push = go & pushes;
  assign slice_finished = go & last_turn;
  wire vector_done = slice_finished & ends_vector;
  always @(posedge clk) begin
    if (!resetn) begin
      write_pointer <= 0;
      read_pointer <= 0;
      turn <= 0;
      place <= 0;
      beats <= 0;
    end else begin
      if (slice_write) write_pointer <= write_pointer + 1'b1;
      if (slice_finished) read_pointer <= read_pointer + 1'b1;
      if (go) turn <= last_turn ? {VALID_BITS{1'b0}} : turn + 1'b1;
      if (slice_finished) place <= (beat_full | ends_vector) ? 3'd0 : place + 3'd1;
      beats <= beats + {{($clog2(OUTPUT_FIFO_BEATS + 1) - 1) {1'b0}}, push} - {{($clog2(OUTPUT_FIFO_BEATS + 1) - 1) {1'b0}}, transferred};
    end
  end

  // Packets.
  reg [31:0] vectors; // of the packet, before this one
  wire packet_done = last_of_run | (vectors + 32'd1 >= packet_vectors);
  always @(posedge clk) begin
    if (!resetn) vectors <= 0;
    else if (vector_done) vectors <= packet_done ? 32'd0 : vectors + 32'd1;
  end

  // Data, one cycle behind.
  wire pushed;
  valid_delay #(
      .CYCLES(kOutputFifoCycles - 1)
  ) push_delay (
      .clk(clk), .resetn(resetn), .in(push), .out(pushed)
  );
  reg pushed_tlast, pushed_last_of_run;
  always @(posedge clk) begin
    pushed_tlast <= vector_done & packet_done;
    pushed_last_of_run <= vector_done & last_of_run;
  end

  // hidden
  wire [HIDDEN_BITS-1:0] elements;
  genvar e;
  generate
    for (e = 0; e < E; e = e + 1) begin : g_element
      wire [A-1:0] h = slice[e*A+:A];
      if (A == 1) begin : g_bit
        assign elements[e*ELEMENT_BITS+:ELEMENT_BITS] = count > e ? {{7{~h}}, 1'b1} : 8'd0;
      end else begin : g_number
        assign elements[e*ELEMENT_BITS+:ELEMENT_BITS] =
            count > e ? {{(ELEMENT_BITS - A + 1) {h[A-1]}}, h[A-2:0]} : {ELEMENT_BITS{1'b0}};
      end
    end
  endgenerate
  reg [63:0] packed_beat;
  generate
    if (HIDDEN_BITS > 64) begin : g_two_beats
      always @(posedge clk) packed_beat <= turn[0] ? elements[HIDDEN_BITS-1:64] : elements[63:0];
    end else if (HIDDEN_BITS == 64) begin : g_beat
      always @(posedge clk) packed_beat <= elements;
    end else begin : g_pack
      for (e = 0; e < SLICES_PER_BEAT; e = e + 1) begin : g_place
        always @(posedge clk)
          if (go) begin
            if (place == e) packed_beat[e*HIDDEN_BITS+:HIDDEN_BITS] <= elements;
            else if (place == 3'd0) packed_beat[e*HIDDEN_BITS+:HIDDEN_BITS] <= {HIDDEN_BITS{1'b0}};
          end
      end
    end
  endgenerate

  // logits and argmax
  reg [31:0] logit0, logit1;
  reg pair_valid, pair_first, pair_two;
  reg [31:0] pair_index, row; // row: of the first logit of this turn
  wire [VALID_BITS:0] second = {turn, 1'b1};
  wire two = second < {1'b0, count};
  wire takes_pair = go & ~(is_argmax & ends_vector & last_turn);
  always @(posedge clk) begin
    logit0 <= slice[turn[VALID_BITS-2:0]*64+:32];
    logit1 <= two ? slice[turn[VALID_BITS-2:0]*64+32+:32] : 32'd0;
    pair_valid <= takes_pair;
    pair_first <= row == 0;
    pair_two <= two;
    pair_index <= row;
    if (!resetn || vector_done) row <= 0;
    else if (takes_pair) row <= row + 32'd2;
  end
  reg signed [31:0] best;
  reg [31:0] best_index;
  wire second_wins = pair_two && $signed(logit1) > $signed(logit0);
  wire signed [31:0] winner = second_wins ? logit1 : logit0;
  always @(posedge clk)
    if (pair_valid && (pair_first || winner > best)) begin
      best <= winner;
      best_index <= pair_index + {31'd0, second_wins};
    end

  // Beat FIFO.
  wire [63:0] beat = is_hidden ? packed_beat : is_argmax ? {32'd0, best_index} : {logit1, logit0};
  beat_fifo #(.WIDTH(66), .DEPTH(OUTPUT_FIFO_BEATS)) fifo (
      .clk(clk),
      .resetn(resetn),
      .push(pushed),
      .push_data({pushed_last_of_run, pushed_tlast, beat}),
      .valid(m_tvalid),
      .data({transferred_last_of_run, m_tlast, m_tdata}),
      .pop(transferred)
  );
  assign transferred = m_tvalid & m_tready;
endmodule
