// Sum of the activations whose weight bit is 1: the adder tree of a lane. The sums of neighbouring activations come
// from outside, where they are formed once for all lanes, so that the first level is a choice among 0, x0, x1, x0+x1.
// Registered after every second level; the last is registered by the lane. ALL: every weight bit is 1.
module masked_sum #(
    parameter integer INPUTS = 16,
    parameter integer BITS = 8, // of an activation, signed
    parameter integer ALL = 0,
    parameter integer LEVELS = (INPUTS > 2) ? $clog2(INPUTS) : 1,
    parameter integer PAIRS = (INPUTS + 1) / 2
) (
    input wire clk,
    input wire [INPUTS*BITS-1:0] activations,
    input wire [PAIRS*(BITS+1)-1:0] pair_sums, // of activations 2k and 2k+1
    input wire [INPUTS-1:0] weights,
    output wire [BITS+LEVELS-1:0] sum
);
  wire unused = &{1'b0, clk, pair_sums, activations, weights}; // of the last pair, where INPUTS is odd; with ALL; without a second level
  genvar level, i;
  generate
    for (level = 1; level <= LEVELS; level = level + 1) begin : g_level
      localparam integer COUNT = (INPUTS + (1 << level) - 1) >> level;
      localparam integer BELOW = (INPUTS + (1 << (level - 1)) - 1) >> (level - 1);
      localparam integer WIDTH = BITS + level;
      wire [COUNT*WIDTH-1:0] sums;
      wire [COUNT*WIDTH-1:0] stage;
      for (i = 0; i < COUNT; i = i + 1) begin : g_node
        if (level == 1 && 2 * i + 1 < BELOW && ALL != 0) begin : g_sum
          assign sums[i*WIDTH+:WIDTH] = pair_sums[i*WIDTH+:WIDTH];
        end else if (level == 1 && 2 * i + 1 < BELOW) begin : g_pair
          wire [BITS-1:0] x0 = activations[2*i*BITS+:BITS];
          wire [BITS-1:0] x1 = activations[(2*i+1)*BITS+:BITS];
          assign sums[i*WIDTH+:WIDTH] =
              weights[2*i+1] ? (weights[2*i] ? pair_sums[i*WIDTH+:WIDTH] : {x1[BITS-1], x1})
                             : (weights[2*i] ? {x0[BITS-1], x0} : {WIDTH{1'b0}});
        end else if (level == 1) begin : g_single
          wire [BITS-1:0] x0 = activations[2*i*BITS+:BITS];
          assign sums[i*WIDTH+:WIDTH] = (ALL != 0 || weights[2*i]) ? {x0[BITS-1], x0} : {WIDTH{1'b0}};
        end else if (2 * i + 1 < BELOW) begin : g_add
          wire [WIDTH-2:0] a = g_level[level-1].stage[2*i*(WIDTH-1)+:WIDTH-1];
          wire [WIDTH-2:0] b = g_level[level-1].stage[(2*i+1)*(WIDTH-1)+:WIDTH-1];
          assign sums[i*WIDTH+:WIDTH] = {a[WIDTH-2], a} + {b[WIDTH-2], b};
        end else begin : g_through
          wire [WIDTH-2:0] a = g_level[level-1].stage[2*i*(WIDTH-1)+:WIDTH-1];
          assign sums[i*WIDTH+:WIDTH] = {a[WIDTH-2], a};
        end
      end
      if (level % 2 == 0 && level != LEVELS) begin : g_register
        reg [COUNT*WIDTH-1:0] registers;
        always @(posedge clk) registers <= sums;
        assign stage = registers;
      end else begin : g_wire
        assign stage = sums;
      end
    end
  endgenerate
  assign sum = g_level[LEVELS].stage;
endmodule
