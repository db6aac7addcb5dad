// stream_output puts out every beat that the slices make, once and in order, with TLAST where a packet ends; a beat that
// waits for TREADY does not change; and a beat whose slices are there comes within a bounded time.
// Update width 1, a FIFO of four slices and one of two beats. One beat, any, is followed from the slice that completes it to
// the port: the beats before it are counted.
module formal_stream_output #(
    parameter [1:0] KIND = 0 // 0 hidden, 1 logits, 2 argmax
) (
    input wire clk,
    input wire resetn,
    input wire slice_write,
    input wire [2:0] count,
    input wire end_vector,
    input wire last_of_run,
    input wire [3:0] data, // a bit of each logit; the others are zero
    input wire tready,
    input wire follow, // the last beat that is completed in this cycle
    input wire follow_first // or of two the first
);
  localparam integer SLICES = 4;
  localparam integer BEATS = 2;
  localparam integer MOST_CYCLES = 20; // four slices of three turns, and the way to the port
  localparam HIDDEN = KIND == 0;
  localparam ARGMAX = KIND == 2;
  (* anyconst *) wire [31:0] packet_vectors;

  wire [63:0] tdata;
  wire tvalid, tlast, slice_finished, transferred, transferred_last_of_run;
  wire [127:0] logits = {31'd0, data[3], 31'd0, data[2], 31'd0, data[1], 31'd0, data[0]};
  stream_output #(
      .UPDATE_WIDTH(1), .ACTIVATION_BITS(2), .FIFO_SLICES(SLICES), .OUTPUT_FIFO_BEATS(BEATS), .VALID_BITS(3)
  ) stream (
      .clk(clk), .resetn(resetn), .output_kind(KIND), .packet_vectors(packet_vectors),
      .logits_write(slice_write && !HIDDEN), .logits(logits), .logits_count(count), .logits_end_vector(end_vector),
      .logits_last_of_run(last_of_run), .hidden_write(slice_write && HIDDEN), .hidden(data[1:0]), .hidden_count(count),
      .hidden_end_vector(end_vector), .hidden_last_of_run(last_of_run), .slice_finished(slice_finished),
      .m_tdata(tdata), .m_tvalid(tvalid), .m_tlast(tlast), .m_tready(tready), .transferred(transferred),
      .transferred_last_of_run(transferred_last_of_run)
  );

  // The beats that a slice completes: of logits one or two, of argmax one per vector, of hidden values one per eight
  // slices or vector.
  reg [2:0] place;
  wire completes_beat = HIDDEN ? end_vector || place == 3'd7 : !ARGMAX || end_vector;
  wire two_beats = !HIDDEN && !ARGMAX && count > 3'd2;
  reg [1:0] vectors; // of the packet before this one
  wire ends_packet = end_vector && (last_of_run || vectors + 32'd1 >= packet_vectors);
  wire [4:0] completed = !slice_write || !completes_beat ? 5'd0 : two_beats ? 5'd2 : 5'd1;

  reg [4:0] beats; // that are due
  reg [2:0] slices;
  reg [4:0] silent_cycles;
  wire [4:0] beats_left = beats - {4'd0, transferred};
  always @(posedge clk) begin
    if (!resetn) begin
      place <= 0;
      vectors <= 0;
      beats <= 0;
      slices <= 0;
      silent_cycles <= 0;
    end else begin
      if (slice_write) place <= end_vector || place == 3'd7 ? 3'd0 : place + 3'd1;
      if (slice_write && end_vector) vectors <= ends_packet ? 2'd0 : vectors + 2'd1;
      beats <= beats_left + completed;
      slices <= slices + {2'd0, slice_write} - {2'd0, slice_finished};
      silent_cycles <= beats == 0 || tvalid ? 5'd0 : silent_cycles + 5'd1;
    end
  end

  // What the finished slices put out lies in the FIFO of beats until it is transferred.
  reg [2*SLICES-1:0] slice_beats; // of each slice, the oldest in bits 1 and 0
  reg [4:0] finished_beats;
  wire [2:0] slices_left = slices - {2'd0, slice_finished};
  wire [2*SLICES-1:0] slice_beats_left = slice_finished ? slice_beats >> 2 : slice_beats;
  always @(posedge clk) begin
    slice_beats <= slice_beats_left & ~(8'd3 << 2 * slices_left) | {6'd0, completed[1:0]} << 2 * slices_left;
    finished_beats <= !resetn ? 5'd0 : finished_beats + (slice_finished ? {3'd0, slice_beats[1:0]} : 5'd0) - {4'd0, transferred};
  end

  // One beat is followed.
  reg followed, ends, ends_run;
  reg [4:0] before; // beats before it
  wire first = two_beats && follow_first;
  wire begins = follow && completed != 0 && !followed;
  always @(posedge clk) begin
    followed <= resetn && (begins || followed && !(transferred && before == 0));
    before <= begins ? beats_left + completed - (first ? 5'd2 : 5'd1) : before - {4'd0, transferred};
    if (begins) {ends, ends_run} <= first ? 2'b00 : {ends_packet, last_of_run};
  end

  reg past_resetn, waits, past_tlast, past_bit;
  always @(posedge clk) begin
    past_resetn <= resetn;
    waits <= resetn && tvalid && !tready;
    past_tlast <= tlast;
    past_bit <= tdata[0];
  end

  reg past_reset = 1'b0;
  always @(posedge clk) past_reset <= 1'b1;
  always @(*) begin
    assume (resetn == past_reset);
    assume (packet_vectors <= 32'd3);
    if (past_reset) begin
      assume (!slice_write || slices < SLICES);
      assume (count != 0 && count <= (HIDDEN ? 3'd1 : 3'd4));
      assume (!last_of_run || end_vector);
    end
    if (past_reset && past_resetn && resetn) begin
      assert (!waits || (tvalid && tlast == past_tlast && (ARGMAX || tdata[0] == past_bit)));
      assert (!tvalid || beats != 0);
      assert (!(tvalid && followed && before == 0) || (tlast == ends && transferred_last_of_run == ends_run));
      assert (!slice_finished || slices != 0);
      assert (finished_beats <= BEATS || &finished_beats); // all ones: a beat left before its slice was finished
      assert (silent_cycles < MOST_CYCLES);
    end
  end
endmodule
