// One of INPUTS words, as a tree of multiplexers of four: a level for every two bits of the index.
module word_select #(
    parameter integer INPUTS = 16,
    parameter integer WIDTH = 8,
    parameter integer INDEX_BITS = (INPUTS > 1) ? $clog2(INPUTS) : 1
) (
    input wire [INPUTS*WIDTH-1:0] words,
    input wire [INDEX_BITS-1:0] index, // below INPUTS
    output wire [WIDTH-1:0] word
);
  localparam integer LEVELS = (INPUTS > 1) ? (INDEX_BITS + 1) / 2 : 0;
  wire [2*LEVELS+1:0] wide_index = {{(2 * LEVELS + 2 - INDEX_BITS) {1'b0}}, index};
  wire unused = &{1'b0, wide_index};
  genvar l, n;
  generate
    for (l = 0; l <= LEVELS; l = l + 1) begin : g_level
      localparam integer COUNT = (INPUTS + (1 << (2 * l)) - 1) >> (2 * l);
      wire [COUNT*WIDTH-1:0] chosen;
      if (l == 0) begin : g_words
        assign chosen = words;
      end else begin : g_choice
        localparam integer BELOW = (INPUTS + (1 << (2 * l - 2)) - 1) >> (2 * l - 2);
        for (n = 0; n < COUNT; n = n + 1) begin : g_node
          localparam integer HERE = (BELOW - 4 * n < 4) ? BELOW - 4 * n : 4;
          if (HERE == 1) begin : g_through
            assign chosen[n*WIDTH+:WIDTH] = g_level[l-1].chosen[4*n*WIDTH+:WIDTH];
          end else begin : g_mux
            mux4 #(
                .WIDTH(WIDTH), .INPUTS(HERE)
            ) mux (
                .words(g_level[l-1].chosen[4*n*WIDTH+:HERE*WIDTH]), .index(wide_index[2*l-2+:2]), .word(chosen[n*WIDTH+:WIDTH])
            );
          end
        end
      end
    end
  endgenerate
  assign word = g_level[LEVELS].chosen;
endmodule
