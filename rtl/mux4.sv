// One of four words: a LUT6 per bit. A module of its own, so that synthesis builds wider multiplexers from it as they are written.
module mux4 #(
    parameter integer WIDTH = 8,
    parameter integer INPUTS = 4 // 2 to 4
) (
    input wire [INPUTS*WIDTH-1:0] words,
    input wire [1:0] index,
    output wire [WIDTH-1:0] word
);
  wire [4*WIDTH-1:0] four;
  genvar i;
  generate
    for (i = 0; i < 4; i = i + 1) begin : g_word
      if (i < INPUTS) begin : g_given
        assign four[i*WIDTH+:WIDTH] = words[i*WIDTH+:WIDTH];
      end else begin : g_none
        assign four[i*WIDTH+:WIDTH] = words[0+:WIDTH]; // index never says so
      end
    end
    for (i = 0; i < WIDTH; i = i + 1) begin : g_bit
      wire [3:0] choices = {four[3*WIDTH+i], four[2*WIDTH+i], four[WIDTH+i], four[i]};
      assign word[i] = choices[index];
    end
  endgenerate
endmodule
