// Part of stream_output: puts the units of slices of h into beats, a byte per unit or two (A > 8), sign extended.
module hidden_packer #(
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer VALID_BITS = 4
) (
    input wire clk,
    input wire take,
    input wire second_turn, // of a slice of two beats
    input wire [2:0] place, // of the slice within the beat
    input wire [UPDATE_WIDTH*ACTIVATION_BITS-1:0] hidden,
    input wire [VALID_BITS-1:0] count, // units of the slice that are the network's
    output reg [63:0] beat             // one cycle later
);
  localparam integer E = UPDATE_WIDTH;
  localparam integer A = ACTIVATION_BITS;
  localparam integer ELEMENT_BITS = (A <= 8) ? 8 : 16;
  localparam integer HIDDEN_BITS = E * ELEMENT_BITS; // 8 to 128
  localparam integer SLICES_PER_BEAT = (HIDDEN_BITS >= 64) ? 1 : 64 / HIDDEN_BITS;
  wire [HIDDEN_BITS-1:0] elements;
  genvar e;
  generate
    for (e = 0; e < E; e = e + 1) begin : g_element
      wire [A-1:0] h = hidden[e*A+:A];
      if (A == 1) begin : g_bit
        assign elements[e*ELEMENT_BITS+:ELEMENT_BITS] = count > e ? {{7{~h}}, 1'b1} : 8'd0;
      end else begin : g_number
        assign elements[e*ELEMENT_BITS+:ELEMENT_BITS] =
            count > e ? {{(ELEMENT_BITS - A + 1) {h[A-1]}}, h[A-2:0]} : {ELEMENT_BITS{1'b0}};
      end
    end
    if (HIDDEN_BITS > 64) begin : g_two_beats
      always @(posedge clk) beat <= second_turn ? elements[HIDDEN_BITS-1:64] : elements[63:0];
      wire unused = &{1'b0, take, place};
    end else if (HIDDEN_BITS == 64) begin : g_beat
      always @(posedge clk) beat <= elements;
      wire unused = &{1'b0, take, place, second_turn};
    end else begin : g_pack
      for (e = 0; e < SLICES_PER_BEAT; e = e + 1) begin : g_place
        always @(posedge clk)
          if (take) begin
            if (place == e) beat[e*HIDDEN_BITS+:HIDDEN_BITS] <= elements;
            else if (place == 3'd0) beat[e*HIDDEN_BITS+:HIDDEN_BITS] <= {HIDDEN_BITS{1'b0}};
          end
      end
      wire unused = &{1'b0, second_turn};
    end
  endgenerate
endmodule
