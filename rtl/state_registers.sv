// state_registers: h of all layers as chunks of LANE_WIDTH activations, and c as slices of UPDATE_WIDTH values. h is
// read a chunk and written a slice at a time; where a slice touches several chunks they lie in BANKS banks, by the low
// bits of the chunk's address. A written h can be read in the next cycle. Of a slice, units beyond the network are not
// written, or, where that needs no enable of its own, the padding that stands there is written again.
module state_registers #(
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512,
    parameter integer STATE_BITS = (STATE_WORDS > 1) ? $clog2(STATE_WORDS) : 1,
    parameter integer CELL_BITS = (CELL_WORDS > 1) ? $clog2(CELL_WORDS) : 1,
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1,
    parameter integer CHUNK_BITS = LANE_WIDTH * ACTIVATION_BITS,
    parameter integer SLICE_BITS = UPDATE_WIDTH * ACTIVATION_BITS
) (
    input wire clk,
    // loads
    input wire state_load,
    input wire [STATE_BITS-1:0] state_load_address,
    input wire [CHUNK_BITS-1:0] state_load_data,
    input wire cell_load,
    input wire [CELL_BITS-1:0] cell_load_address,
    input wire [UPDATE_WIDTH*16-1:0] cell_load_data,
    // h: address, and the chunk one cycle later
    input wire [STATE_BITS-1:0] chunk_address,
    output wire [CHUNK_BITS-1:0] chunk_word,
    // h of a slice
    input wire slice_write,
    input wire [STATE_BITS-1:0] slice_chunk,
    input wire [COLUMN_BITS-1:0] slice_column, // of its first unit
    input wire [UPDATE_WIDTH-1:0] slice_units, // which units are the network's
    input wire [SLICE_BITS-1:0] slice_hidden,
    // c: address, and the slice two cycles later
    input wire [CELL_BITS-1:0] cell_address,
    output wire [UPDATE_WIDTH*16-1:0] cell_word,
    input wire cell_write,
    input wire [CELL_BITS-1:0] cell_write_address,
    input wire [UPDATE_WIDTH*16-1:0] cell_write_data
);
  localparam integer W = LANE_WIDTH;
  localparam integer E = UPDATE_WIDTH;
  localparam integer A = ACTIVATION_BITS;
  localparam integer SPAN = (W % E == 0) ? 1 : (E % W == 0) ? E / W : (W + E - 2) / W + 1; // chunks that a slice touches
  localparam integer BANK_BITS = $clog2(SPAN);
  localparam integer BANKS = 1 << BANK_BITS;
  localparam integer BANK_WORDS = (STATE_WORDS + BANKS - 1) / BANKS;
  localparam integer BANK_ADDRESS_BITS = (BANK_WORDS > 1) ? $clog2(BANK_WORDS) : 1;
  localparam integer GROUPS = (W % E == 0) ? W / E : (E % W == 0) ? 1 : W; // parts of a chunk with an enable of their own
  localparam integer PADDING_BIT = (A == 1) ? 1 : 0;
  localparam [A-1:0] PADDING = PADDING_BIT[A-1:0];

  wire [E-1:0] valid = slice_units;
  wire [SLICE_BITS-1:0] padded;
  genvar e, k, j, b;
  generate
    for (e = 0; e < E; e = e + 1) begin : g_unit
      assign padded[e*A+:A] = valid[e] ? slice_hidden[e*A+:A] : PADDING;
    end
  endgenerate

  // Where widths do not divide each other.
  wire [SLICE_BITS-1:0] turned;
  wire [SPAN*W-1:0] hits;
  generate
    if (W % E != 0 && E % W != 0) begin : g_turn
      slice_turn #(
          .LANE_WIDTH(W), .UPDATE_WIDTH(E), .ACTIVATION_BITS(A), .SPAN(SPAN)
      ) turn (
          .column(slice_column), .units(valid), .hidden(slice_hidden), .turned(turned), .hits(hits)
      );
    end else begin : g_no_turn
      assign turned = {SLICE_BITS{1'b0}};
      assign hits = {(SPAN * W) {1'b0}};
    end
  endgenerate

  // What the slice puts into each of the SPAN chunks from its first on.
  wire [SPAN*CHUNK_BITS-1:0] data;
  wire [SPAN*GROUPS-1:0] enables;
  generate
    for (k = 0; k < SPAN; k = k + 1) begin : g_span
      if (W % E == 0) begin : g_narrow
        for (j = 0; j < GROUPS; j = j + 1) begin : g_group
          localparam integer FIRST = j * E;
          assign data[j*E*A+:E*A] = padded;
          assign enables[j] = slice_column == FIRST[COLUMN_BITS-1:0];
        end
      end else if (E % W == 0) begin : g_wide
        assign data[k*CHUNK_BITS+:CHUNK_BITS] = padded[k*CHUNK_BITS+:CHUNK_BITS];
        assign enables[k] = valid[k*W];
      end else begin : g_any
        for (j = 0; j < W; j = j + 1) begin : g_column
          localparam integer PLACE = k * W + j; // from the first chunk's first column on
          assign data[k*CHUNK_BITS+j*A+:A] = turned[(PLACE%E)*A+:A];
          assign enables[k*GROUPS+j] = hits[PLACE];
        end
      end
    end
  endgenerate

  wire [BANKS*CHUNK_BITS-1:0] bank_words;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      wire [GROUPS-1:0] write_enables;
      wire [BANK_ADDRESS_BITS-1:0] write_address;
      wire [BANK_ADDRESS_BITS-1:0] read_address;
      wire [CHUNK_BITS-1:0] write_data;
      if (BANKS == 1) begin : g_one
        assign write_enables = state_load ? {GROUPS{1'b1}} : slice_write ? enables : {GROUPS{1'b0}};
        assign write_address = state_load ? state_load_address : slice_chunk;
        assign write_data = state_load ? state_load_data : data;
        assign read_address = chunk_address;
      end else begin : g_many
        wire [BANK_BITS-1:0] distance = b[BANK_BITS-1:0] - slice_chunk[BANK_BITS-1:0]; // of this bank's chunk from the slice's first
        wire [STATE_BITS:0] target = {1'b0, slice_chunk} + {{(STATE_BITS + 1 - BANK_BITS) {1'b0}}, distance};
        wire [BANKS*GROUPS:0] all_enables = {{((BANKS - SPAN) * GROUPS + 1) {1'b0}}, enables};
        wire [BANKS*CHUNK_BITS:0] all_data = {{((BANKS - SPAN) * CHUNK_BITS + 1) {1'b0}}, data};
        wire [GROUPS-1:0] own_enables;
        wire [CHUNK_BITS-1:0] own_data;
        for (j = 0; j < GROUPS; j = j + 1) begin : g_enable
          wire [BANKS-1:0] choices;
          for (k = 0; k < BANKS; k = k + 1) begin : g_choice
            assign choices[k] = all_enables[k*GROUPS+j];
          end
          assign own_enables[j] = choices[distance];
        end
        for (j = 0; j < CHUNK_BITS; j = j + 1) begin : g_data
          wire [BANKS-1:0] choices;
          for (k = 0; k < BANKS; k = k + 1) begin : g_choice
            assign choices[k] = all_data[k*CHUNK_BITS+j];
          end
          assign own_data[j] = choices[distance];
        end
        wire load_here = state_load && state_load_address[BANK_BITS-1:0] == b[BANK_BITS-1:0];
        assign write_enables = load_here ? {GROUPS{1'b1}} :
                               slice_write ? own_enables : {GROUPS{1'b0}};
        assign write_address = state_load ? state_load_address[STATE_BITS-1:BANK_BITS] : target[BANK_BITS+:BANK_ADDRESS_BITS];
        assign write_data = state_load ? state_load_data : own_data;
        assign read_address = chunk_address[STATE_BITS-1:BANK_BITS];
        wire unused_target = &{1'b0, target, all_enables, all_data};
      end
      ram_sdp #(.WIDTH(CHUNK_BITS), .DEPTH(BANK_WORDS), .GROUPS(GROUPS), .OUTPUT_REGISTER(0)) chunks (
          .clk(clk), .write_enable(write_enables), .write_address(write_address), .write_data(write_data),
          .read_address(read_address), .read_data(bank_words[b*CHUNK_BITS+:CHUNK_BITS])
      );
    end
    if (BANKS == 1) begin : g_read_one
      assign chunk_word = bank_words;
    end else begin : g_read_many
      reg [BANK_BITS-1:0] bank;
      always @(posedge clk) bank <= chunk_address[BANK_BITS-1:0];
      for (j = 0; j < CHUNK_BITS; j = j + 1) begin : g_word
        wire [BANKS-1:0] choices;
        for (k = 0; k < BANKS; k = k + 1) begin : g_choice
          assign choices[k] = bank_words[k*CHUNK_BITS+j];
        end
        assign chunk_word[j] = choices[bank];
      end
    end
  endgenerate

  ram_sdp #(.WIDTH(E * 16), .DEPTH(CELL_WORDS)) cells (
      .clk(clk),
      .write_enable(cell_load | cell_write),
      .write_address(cell_load ? cell_load_address : cell_write_address),
      .write_data(cell_load ? cell_load_data : cell_write_data),
      .read_address(cell_address),
      .read_data(cell_word)
  );
  wire unused = &{1'b0, padded, slice_column, turned, hits};
endmodule
