// A value that many cycles later: a chain of registers without reset, so that synthesis can use shift register LUTs.
module delay #(
    parameter integer WIDTH = 1,
    parameter integer CYCLES = 1
) (
    input wire clk,
    input wire [WIDTH-1:0] in,
    output wire [WIDTH-1:0] out
);
  generate
    if (CYCLES == 0) begin : g_wire
      assign out = in;
      wire unused_clk = &{1'b0, clk};
    end else begin : g_chain
      reg [CYCLES*WIDTH-1:0] chain;
      if (CYCLES == 1) begin : g_one
        always @(posedge clk) chain <= in;
      end else begin : g_more
        always @(posedge clk) chain <= {chain[(CYCLES-1)*WIDTH-1:0], in};
      end
      assign out = chain[CYCLES*WIDTH-1-:WIDTH];
    end
  endgenerate
endmodule
