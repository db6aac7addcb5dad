// Part of the sequencer in a machine with several streams: which slot a step writes, and which slices of h the latest
// vector of its stream makes. When a vector wants its first chunk of h, only the latest VECTORS vectors may not be
// written yet, because each keeps scale_bias for two parts at least. So a short list follows them, whatever the number of
// streams is: stream and descriptor of each, and the slices before it. Where the list does not have the stream and the
// descriptor of the upcoming vector, its h is final.
module stream_scoreboard #(
    parameter integer STREAM_BITS = 3,
    parameter integer TALLY_BITS = 24,
    parameter integer VECTORS = 4
) (
    input wire clk,
    input wire idle,                          // the list becomes empty
    // one with slices of h began in the cycle before
    input wire vector_begins,
    input wire [4:0] vector_index,
    input wire [TALLY_BITS-1:0] vector_tally, // slices of h before it
    // the upcoming vector; its stream, and a cycle earlier those of the headers of which one becomes its own
    input wire [4:0] upcoming_index,
    input wire [STREAM_BITS-1:0] stream,
    input wire [STREAM_BITS-1:0] newest_stream,
    input wire [STREAM_BITS-1:0] read_stream,
    input wire takes_newest,                  // in place of the one that was read
    input wire keeps_stream,                  // none of the two
    input wire opens_step,                    // it is the first vector of its step
    input wire first,                         // of a step that is the first of its sequence
    input wire take,                          // it begins
    output wire h_final,                      // of its own h, all is written
    output wire [TALLY_BITS-1:0] h_tally,     // slices before the vector that makes it
    output wire slot,                         // that the step writes
    output reg step_slot                      // of the step under way
);
  localparam integer ID_BITS = STREAM_BITS + 5;
  localparam integer PLACE_BITS = 3; // VECTORS is at most 5
  reg [STREAM_BITS-1:0] vector_stream;
  reg [VECTORS*ID_BITS-1:0] ids; // the latest one lowest
  reg [VECTORS-1:0] listed;
  reg [PLACE_BITS-1:0] next_place;
  reg [VECTORS-1:0] hits;
  genvar k;
  generate
    for (k = 0; k < VECTORS; k = k + 1) begin : g_match
      wire [STREAM_BITS-1:0] listed_stream = ids[k*ID_BITS+5+:STREAM_BITS];
      wire same_descriptor = listed[k] && ids[k*ID_BITS+:5] == upcoming_index;
      // All three are compared and the answer chosen: the choice is late.
      wire same_stream = keeps_stream ? listed_stream == stream
                                      : takes_newest ? listed_stream == newest_stream : listed_stream == read_stream;
      always @(posedge clk) hits[k] <= same_descriptor && same_stream;
    end
  endgenerate
  reg [PLACE_BITS-1:0] age; // of the latest hit
  integer i;
  always @(*) begin
    age = 0;
    for (i = VECTORS - 1; i >= 0; i = i - 1) if (hits[i]) age = i[PLACE_BITS-1:0] + 1'b1;
  end
  assign h_final = hits == 0;
  wire [PLACE_BITS-1:0] h_place = next_place - age;
  wire [(VECTORS+1)*ID_BITS-1:0] longer = {ids, vector_stream, vector_index};
  wire [VECTORS:0] longer_listed = {listed, 1'b1};
  always @(posedge clk) begin
    if (take) vector_stream <= stream;
    if (vector_begins) begin
      ids <= longer[VECTORS*ID_BITS-1:0];
      next_place <= next_place + 1'b1;
    end
    if (idle) listed <= 0;
    else if (vector_begins) listed <= longer_listed[VECTORS-1:0];
  end
  ram_async #(.WIDTH(TALLY_BITS), .DEPTH(1 << PLACE_BITS)) tallies (
      .clk(clk), .write_enable(vector_begins), .write_address(next_place), .write_data(vector_tally),
      .read_addresses(h_place), .read_data(h_tally)
  );

  // The slots of a stream take turns; the first step of a sequence has slot 0.
  reg opened; // the vector that began opened its step
  wire earlier_slot;
  wire new_slot = !first && !earlier_slot;
  assign slot = opens_step ? new_slot : step_slot;
  ram_async #(.WIDTH(1), .DEPTH(1 << STREAM_BITS)) slots (
      .clk(clk), .write_enable(vector_begins && opened), .write_address(vector_stream), .write_data(step_slot),
      .read_addresses(stream), .read_data(earlier_slot)
  );
  always @(posedge clk)
    if (take) begin
      step_slot <= slot;
      opened <= opens_step;
    end
  wire unused = &{1'b0, longer[(VECTORS+1)*ID_BITS-1:VECTORS*ID_BITS], longer_listed[VECTORS]};
endmodule
