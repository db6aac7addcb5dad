// Small LUT RAM: one synchronous write port, READS read ports whose words follow their addresses in the same cycle.
module ram_async #(
    parameter integer WIDTH = 8,
    parameter integer DEPTH = 32,
    parameter integer READS = 1,
    parameter integer ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input wire clk,
    input wire write_enable,
    input wire [ADDRESS_BITS-1:0] write_address,
    input wire [WIDTH-1:0] write_data,
    input wire [READS*ADDRESS_BITS-1:0] read_addresses,
    output wire [READS*WIDTH-1:0] read_data
);
  (* ram_style = "distributed" *) reg [WIDTH-1:0] memory[0:DEPTH-1];
  always @(posedge clk) if (write_enable) memory[write_address] <= write_data;
  genvar r;
  generate
    for (r = 0; r < READS; r = r + 1) begin : g_read
      assign read_data[r*WIDTH+:WIDTH] = memory[read_addresses[r*ADDRESS_BITS+:ADDRESS_BITS]];
    end
  endgenerate
endmodule
