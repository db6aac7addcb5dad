// Part of vector_sequencer: where the upcoming vector finds and leaves its state, and which slices of h make its sources
// final. `tallies` holds, for each descriptor, the slices of h before its latest vector; it is written as that vector begins,
// and read for the upcoming vector, which is upcoming for some cycles, so that what is read follows the vector before it.
module vector_state #(
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer SLICES = 4,
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer ADDRESS_BITS = 11,
    parameter integer TALLY_BITS = 24,
    parameter integer UNIT_BITS = 25,
    parameter integer COLUMN_BITS = 4,
    parameter integer STREAM_BITS = 0,
    parameter integer STATE_AREA_BITS = 0,
    parameter integer CELL_AREA_BITS = 0,
    parameter integer HEADER_BITS = 3 + 16 + COLUMN_BITS + STREAM_BITS
) (
    input wire clk,
    input wire idle,
    // one with slices of h began in the cycle before
    input wire v_begins,
    input wire [4:0] v_index,
    input wire [TALLY_BITS-1:0] tally,         // slices of h before it
    // the step of the upcoming vector
    input wire take,                           // the vector begins
    input wire [HEADER_BITS-1:0] header,
    // of which one becomes the step's header in the cycle after
    input wire [HEADER_BITS-1:0] newest_header,
    input wire [HEADER_BITS-1:0] header_word,
    input wire takes_newest,                   // in place of header_word
    input wire keeps_header,                   // none of the two
    input wire is_first,
    // the slots of x and h that are known as the addresses of a vector are formed
    input wire d_parity,
    output wire d_x_slot,
    output wire d_h_slot,
    // the upcoming vector
    input wire [4:0] u_index,
    input wire [4:0] u_source,
    input wire u_opens,
    input wire u_x_input,
    input wire [ADDRESS_BITS-1:0] u_x_address,
    input wire [STATE_BITS-1:0] u_h_write,
    input wire [STATE_BITS-1:0] u_h_previous,
    input wire [CELL_BITS-1:0] u_cell_base,
    input wire [15:0] u_x_length,              // slices of a source's vector
    input wire [15:0] u_h_length,              // and of its own
    output wire [ADDRESS_BITS-1:0] u_x_begin,
    output wire [STATE_BITS-1:0] u_h_read_address,
    output wire [STATE_BITS-1:0] u_h_write_address,
    output wire [CELL_BITS-1:0] u_cell_address,
    // of the first source of x, its second one, and h: units that make the first chunk final, slices that make all of it
    output reg [UNIT_BITS-1:0] u_x_start,
    output reg [TALLY_BITS-1:0] u_x_full,
    output reg [UNIT_BITS-1:0] u_x_second_start,
    output reg [TALLY_BITS-1:0] u_x_second_full,
    output wire [UNIT_BITS-1:0] u_h_start,
    output wire [TALLY_BITS-1:0] u_h_full,
    output wire u_h_final                      // h was written long ago
);
  `include "timing.svh"
  localparam integer E = UPDATE_WIDTH;
  localparam integer E_BITS = $clog2(E);
  wire [TALLY_BITS-1:0] own_tally, source_tally, second_tally;
  wire [4:0] u_second_source = u_source + 5'd1;
  ram_async #(.WIDTH(TALLY_BITS), .DEPTH(32), .READS(3)) tallies (
      .clk(clk), .write_enable(v_begins), .write_address(v_index), .write_data(tally),
      .read_addresses({u_second_source, u_source, u_index}), .read_data({second_tally, source_tally, own_tally})
  );
  localparam integer FIRST_UNITS = LANE_WIDTH + E - 1;
  function [UNIT_BITS-1:0] start_of(input [TALLY_BITS-1:0] of);
    start_of = ({{(UNIT_BITS - TALLY_BITS) {1'b0}}, of} << E_BITS) + FIRST_UNITS[UNIT_BITS-1:0];
  endfunction
  reg [UNIT_BITS-1:0] own_start;
  reg [TALLY_BITS-1:0] own_full;
  always @(posedge clk) begin
    u_x_start <= start_of(source_tally);
    u_x_second_start <= start_of(second_tally);
    own_start <= start_of(own_tally);
    u_x_full <= source_tally + {{(TALLY_BITS - 16) {1'b0}}, u_x_length};
    u_x_second_full <= second_tally + {{(TALLY_BITS - 16) {1'b0}}, u_x_length};
    own_full <= own_tally + {{(TALLY_BITS - 16) {1'b0}}, u_h_length};
  end

  // What depends on the stream of the step: addresses, the slot, and which slices of h are to be awaited. One stream: the slot
  // is known as the addresses are formed, and h is that of the descriptor's latest vector.
  generate
    if (STREAM_BITS > 0) begin : g_streams
      localparam integer STREAM_AT = 19 + COLUMN_BITS;
      localparam integer INTERVAL = (SLICES > kScaleBiasTurnaround) ? SLICES : kScaleBiasTurnaround;
      localparam integer TREE_LEVELS = (LANE_WIDTH > 2) ? $clog2(LANE_WIDTH) : 1;
      localparam integer FINAL_CYCLES = kMemoryReadCycles + (TREE_LEVELS + 1) / 2 + kAccumulateCycles + kPartCaptureCycles +
                                        kScaleBiasCycles + 2 * kTableReadCycles + kCellCycles + kHiddenCycles +
                                        kStateWriteCycles + SLICES - 1; // of a group's last slice, from v on
      localparam [31:0] STATE_AREA = (32'd1 << STATE_AREA_BITS) - 32'd1;
      localparam [31:0] CELL_AREA = (32'd1 << CELL_AREA_BITS) - 32'd1;
      wire [STREAM_BITS-1:0] stream = header[STREAM_AT+:STREAM_BITS];
      wire [31:0] state_area = {{(32 - STREAM_BITS) {1'b0}}, stream} << STATE_AREA_BITS;
      wire [31:0] cell_area = {{(32 - STREAM_BITS) {1'b0}}, stream} << CELL_AREA_BITS;
      function [STATE_BITS-1:0] placed(input [STATE_BITS-1:0] address);
        placed = (address & STATE_AREA[STATE_BITS-1:0]) | state_area[STATE_BITS-1:0];
      endfunction
      wire slot, step_slot;
      wire [TALLY_BITS-1:0] h_tally;
      stream_scoreboard #(
          .STREAM_BITS(STREAM_BITS), .TALLY_BITS(TALLY_BITS),
          .VECTORS((FINAL_CYCLES - 1 + 2 * INTERVAL - 1) / (2 * INTERVAL))
      ) scoreboard (
          .clk(clk), .idle(idle), .vector_begins(v_begins), .vector_index(v_index), .vector_tally(tally),
          .upcoming_index(u_index), .stream(stream),
          .newest_stream(newest_header[STREAM_AT+:STREAM_BITS]), .read_stream(header_word[STREAM_AT+:STREAM_BITS]),
          .takes_newest(takes_newest), .keeps_stream(keeps_header),
          .opens_step(u_opens), .first(is_first), .take(take), .h_final(u_h_final), .h_tally(h_tally), .slot(slot),
          .step_slot(step_slot)
      );
      assign d_x_slot = step_slot;
      assign d_h_slot = 1'b0;
      assign u_h_write_address = placed(slot ? u_h_previous : u_h_write);
      assign u_h_read_address = placed(slot ? u_h_write : u_h_previous);
      assign u_cell_address = (u_cell_base & CELL_AREA[CELL_BITS-1:0]) | cell_area[CELL_BITS-1:0];
      assign u_h_start = start_of(h_tally);
      assign u_h_full = h_tally + {{(TALLY_BITS - 16) {1'b0}}, u_h_length};
      wire [STATE_BITS-1:0] x_placed = placed(u_x_address[STATE_BITS-1:0]);
      wire [31:0] wide_x_placed = {{(32 - STATE_BITS) {1'b0}}, x_placed};
      assign u_x_begin = u_x_input ? u_x_address : wide_x_placed[ADDRESS_BITS-1:0];
      wire unused = &{1'b0, header, newest_header, header_word, state_area, cell_area, wide_x_placed, own_start, own_full,
                      d_parity};
    end else begin : g_one_stream
      assign d_x_slot = d_parity;
      assign d_h_slot = d_parity;
      assign u_h_write_address = u_h_write;
      assign u_h_read_address = u_h_previous;
      assign u_cell_address = u_cell_base;
      assign u_h_start = own_start;
      assign u_h_full = own_full;
      assign u_h_final = 1'b0;
      assign u_x_begin = u_x_address;
      wire unused = &{1'b0, idle, take, header, newest_header, header_word, takes_newest, keeps_header, is_first, u_opens,
                      u_x_input};
    end
  endgenerate
endmodule
