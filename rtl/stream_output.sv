// stream_output: slice FIFO, serializer, beat FIFO, AXI4-Stream master. A slice written at the end of cycle q starts in
// q+1 or after the slice before it: logits two per beat and cycle; hidden packed, one cycle (or two) per slice; argmax two
// logits per cycle and one more for the beat at the end of a vector. A cycle that pushes a beat waits for room. These
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
  localparam integer META_BITS = 2 * VALID_BITS + 3;

  // Slice FIFO.
  wire is_hidden = output_kind == 2'd0;
  wire is_argmax = output_kind == 2'd2;
  reg [POINTER_BITS:0] write_pointer;
  reg [POINTER_BITS-1:0] read_pointer;
  wire slice_write = is_hidden ? hidden_write : logits_write;
  wire [SLICE_BITS-1:0] slice_in;
  // Beside a slice stands how many cycles it takes, and whether that is one.
  wire closes_in = is_argmax & logits_end_vector;
  // ceil(count / 2) + closes, bit by bit: a carry chain would be slower than LUTs.
  function [VALID_BITS-1:0] turns_of(input [VALID_BITS-1:0] vector_rows, input closes);
    integer b;
    reg half, more, carry;
    begin
      carry = 1'b0;
      for (b = 0; b < VALID_BITS; b = b + 1) begin
        half = b + 1 < VALID_BITS && vector_rows[(b+1)%VALID_BITS];
        more = b == 0 ? vector_rows[0] ^ closes : b == 1 && vector_rows[0] && closes;
        turns_of[b] = half ^ more ^ carry;
        carry = (half && more) || (carry && (half || more));
      end
    end
  endfunction
  wire [VALID_BITS-1:0] turns_in = turns_of(logits_count, closes_in);
  wire [META_BITS-1:0] meta_in =
      is_hidden ? {hidden_last_of_run, hidden_end_vector, hidden_count, BEATS_PER_SLICE[VALID_BITS-1:0], BEATS_PER_SLICE == 1}
                : {logits_last_of_run, logits_end_vector, logits_count, turns_in, turns_in == 1};
  assign slice_in[SLICE_BITS-1:E*A] = logits[SLICE_BITS-1:E*A];
  assign slice_in[E*A-1:0] = is_hidden ? hidden : logits[E*A-1:0];
  wire [SLICE_BITS-1:0] slice;
  ram_async #(.WIDTH(SLICE_BITS), .DEPTH(1 << POINTER_BITS)) slices (
      .clk(clk),
      .write_enable(slice_write),
      .write_address(write_pointer[POINTER_BITS-1:0]),
      .write_data(slice_in),
      .read_addresses(read_pointer),
      .read_data(slice)
  );
  // What decides about a slice stands in a register: of the next slice when one is finished, and of the one that is being
  // written where there is no other.
  reg [POINTER_BITS:0] next_pointer; // read_pointer + 1
  wire [META_BITS-1:0] meta_following;
  ram_async #(.WIDTH(META_BITS), .DEPTH(1 << POINTER_BITS)) slice_metas (
      .clk(clk),
      .write_enable(slice_write),
      .write_address(write_pointer[POINTER_BITS-1:0]),
      .write_data(meta_in),
      .read_addresses(next_pointer[POINTER_BITS-1:0]),
      .read_data(meta_following)
  );
  reg present; // a slice is there
  wire following = write_pointer != next_pointer; // another one behind it
  reg last_of_run, ends_vector, one_turn;
  reg [VALID_BITS-1:0] count, turns;
  always @(posedge clk)
    if (!present || slice_finished)
      {last_of_run, ends_vector, count, turns, one_turn} <= (present && following) ? meta_following : meta_in;

  // Serializer. Whether a turn is the slice's last, the output full or the packet's last vector under way is known with it.
  reg [VALID_BITS-1:0] turn;                   // cycle within the slice
  reg first_turn, later_is_last;
  reg [2:0] place;                             // hidden: slice within the beat
  reg [$clog2(OUTPUT_FIFO_BEATS+1)-1:0] beats; // pushed - transferred
  reg full;
  localparam integer ALMOST = OUTPUT_FIFO_BEATS - 1;
  wire last_turn = first_turn ? one_turn : later_is_last;
  wire beat_full = BEATS_PER_SLICE == 2 || place == LAST_PLACE[2:0];
  wire pushes_last = is_hidden ? beat_full | ends_vector : ~is_argmax | ends_vector; // a slice's last turn
  wire pushes = is_hidden ? beat_full | ends_vector : ~is_argmax | (ends_vector & last_turn);
  wire go = present & (~full | ~pushes);
  wire push = present & ~full & pushes;
  assign slice_finished = present & last_turn & (~full | ~pushes_last);
  wire vector_done = slice_finished & ends_vector;
  wire [$clog2(OUTPUT_FIFO_BEATS+1)-1:0] beats_more = beats + 1'b1;
  wire [$clog2(OUTPUT_FIFO_BEATS+1)-1:0] beats_less = beats - 1'b1;
  always @(posedge clk) begin
    if (!resetn) begin
      write_pointer <= 0;
      read_pointer <= 0;
      next_pointer <= 1;
      present <= 1'b0;
      turn <= 0;
      first_turn <= 1'b1;
      place <= 0;
      beats <= 0;
      full <= 1'b0;
    end else begin
      if (slice_write) write_pointer <= write_pointer + 1'b1;
      present <= slice_write | (slice_finished ? following : present);
      if (slice_finished) read_pointer <= next_pointer[POINTER_BITS-1:0];
      if (slice_finished) next_pointer <= next_pointer + 1'b1;
      if (go) turn <= last_turn ? {VALID_BITS{1'b0}} : turn + 1'b1;
      if (go) first_turn <= last_turn;
      if (slice_finished) place <= (beat_full | ends_vector) ? 3'd0 : place + 3'd1;
      beats <= push == transferred ? beats : push ? beats_more : beats_less;
      full <= transferred ? full & push : full | (push & beats == ALMOST[$clog2(OUTPUT_FIFO_BEATS+1)-1:0]);
    end
    if (go) later_is_last <= turn + {{(VALID_BITS - 2) {1'b0}}, 2'd2} == turns;
  end

  // Packets.
  reg begins_packet;  // the vector under way is a packet's first
  reg [31:0] vectors; // else: of the packet, from this one on
  reg one_vector, one_vector_packets, two_vector_packets;
  wire ends_packet = begins_packet ? one_vector_packets : one_vector;
  wire packet_done = last_of_run | ends_packet;
  always @(posedge clk) begin
    one_vector_packets <= packet_vectors <= 32'd1;
    two_vector_packets <= packet_vectors == 32'd2;
    if (!resetn) begins_packet <= 1'b1;
    else if (vector_done) begins_packet <= packet_done;
    if (vector_done) begin
      vectors <= (begins_packet ? packet_vectors : vectors) - 32'd1;
      one_vector <= begins_packet ? two_vector_packets : vectors == 32'd2;
    end
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

  wire [63:0] packed_beat;
  hidden_packer #(
      .UPDATE_WIDTH(E), .ACTIVATION_BITS(A), .VALID_BITS(VALID_BITS)
  ) packer (
      .clk(clk), .take(go), .second_turn(turn[0]), .place(place), .hidden(slice[E*A-1:0]), .count(count), .beat(packed_beat)
  );

  // logits and argmax
  localparam integer PAIRS = 2 * E;
  wire [63:0] pair;
  word_select #(
      .INPUTS(PAIRS), .WIDTH(64)
  ) pair_select (
      .words(slice), .index(turn[$clog2(PAIRS)-1:0]), .word(pair)
  );
  reg [31:0] logit0, logit1;
  wire [VALID_BITS:0] second = {turn, 1'b1};
  wire two = second < {1'b0, count};
  always @(posedge clk) begin
    logit0 <= pair[31:0];
    logit1 <= two ? pair[63:32] : 32'd0;
  end
  wire [31:0] best_index;
  argmax argmax (
      .clk(clk), .resetn(resetn), .takes_pair(go & ~(is_argmax & ends_vector & last_turn)), .two(two),
      .vector_done(vector_done), .logit0(logit0), .logit1(logit1), .best_index(best_index)
  );

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
