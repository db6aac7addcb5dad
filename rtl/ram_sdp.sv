// Simple dual-port memory: one write port with an enable for each of GROUPS parts of a word, one synchronous read
// port; the word is visible 1 (+1 with OUTPUT_REGISTER) cycles after its address. A read and a write of one address
// in one cycle never both matter here. Block RAM above 64 words, LUT RAM below.
module ram_sdp #(
    parameter integer WIDTH = 64,
    parameter integer DEPTH = 512,
    parameter integer GROUPS = 1,
    parameter integer OUTPUT_REGISTER = 1,
    parameter integer ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input wire clk,
    input wire [GROUPS-1:0] write_enable,
    input wire [ADDRESS_BITS-1:0] write_address,
    input wire [WIDTH-1:0] write_data,
    input wire [ADDRESS_BITS-1:0] read_address,
    output wire [WIDTH-1:0] read_data
);
  localparam integer GROUP_WIDTH = WIDTH / GROUPS;
  reg [WIDTH-1:0] word;
  integer i;
  generate
    if (DEPTH > 64) begin : g_block
      (* ram_style = "block", no_rw_check *) reg [WIDTH-1:0] memory[0:DEPTH-1];
      always @(posedge clk) begin
        for (i = 0; i < GROUPS; i = i + 1)
          if (write_enable[i]) memory[write_address][i*GROUP_WIDTH+:GROUP_WIDTH] <= write_data[i*GROUP_WIDTH+:GROUP_WIDTH];
        word <= memory[read_address];
      end
    end else begin : g_distributed
      (* ram_style = "distributed", no_rw_check *) reg [WIDTH-1:0] memory[0:DEPTH-1];
      always @(posedge clk) begin
        for (i = 0; i < GROUPS; i = i + 1)
          if (write_enable[i]) memory[write_address][i*GROUP_WIDTH+:GROUP_WIDTH] <= write_data[i*GROUP_WIDTH+:GROUP_WIDTH];
        word <= memory[read_address];
      end
    end
    if (OUTPUT_REGISTER != 0) begin : g_register
      reg [WIDTH-1:0] output_word;
      always @(posedge clk) output_word <= word;
      assign read_data = output_word;
    end else begin : g_latch
      assign read_data = word;
    end
  endgenerate
endmodule
