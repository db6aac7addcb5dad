// Part of state_registers, where neither of lane width and update width divides the other: a slice of h, turned by the
// column of its first unit so that every column of a chunk takes from one place only, and which columns it reaches.
module slice_turn #(
    parameter integer LANE_WIDTH = 7,
    parameter integer UPDATE_WIDTH = 4,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer SPAN = 2, // chunks that a slice touches
    parameter integer COLUMN_BITS = (LANE_WIDTH > 1) ? $clog2(LANE_WIDTH) : 1
) (
    input wire [COLUMN_BITS-1:0] column, // of unit 0
    input wire [UPDATE_WIDTH-1:0] units, // which units are the network's
    input wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] hidden,
    output wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] turned, // unit u in place (column + u) mod UPDATE_WIDTH
    output wire [SPAN*LANE_WIDTH-1:0] hits // columns, from the first of the first chunk on, that get a unit
);
  localparam integer W = LANE_WIDTH;
  localparam integer E = UPDATE_WIDTH;
  localparam integer A = ACTIVATION_BITS;
  localparam integer TURN_BITS = (E > 1) ? $clog2(E) : 1;
  wire [31:0] wide_column = {{(32 - COLUMN_BITS) {1'b0}}, column};
  wire unused = &{1'b0, wide_column};
  wire [E-1:0] turned_units;
  genvar t, i, u, p;
  generate
    for (t = 0; t < E; t = t + 1) begin : g_place
      localparam [31:0] PLACE = t;
      wire [TURN_BITS-1:0] unit = PLACE[TURN_BITS-1:0] - wide_column[TURN_BITS-1:0];
      assign turned_units[t] = units[unit];
      for (i = 0; i < A; i = i + 1) begin : g_bit // a bit at a time: a multiplexer, not a shifter
        wire [E-1:0] choices;
        for (u = 0; u < E; u = u + 1) begin : g_choice
          assign choices[u] = hidden[u*A+i];
        end
        assign turned[t*A+i] = choices[unit];
      end
    end
    for (p = 0; p < SPAN * W; p = p + 1) begin : g_column
      wire [E-1:0] reaches; // where unit u comes here: a function of the column alone
      for (u = 0; u < E; u = u + 1) begin : g_unit
        if (p - u >= 0 && p - u < W) begin : g_possible
          localparam integer START = p - u;
          assign reaches[u] = column == START[COLUMN_BITS-1:0];
        end else begin : g_impossible
          assign reaches[u] = 1'b0;
        end
      end
      assign hits[p] = |reaches && turned_units[p%E];
    end
  endgenerate
endmodule
