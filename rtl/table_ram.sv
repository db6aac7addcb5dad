// One table with READS read ports, two cycles from address to entry. Each block RAM serves two reads; the port that
// loads is shared with the first of them. Small tables are in LUT RAM.
module table_ram #(
    parameter integer ADDRESS_BITS = 10,
    parameter integer WIDTH = 16,
    parameter integer READS = 4
) (
    input wire clk,
    input wire load,
    input wire [ADDRESS_BITS-1:0] load_address,
    input wire [WIDTH-1:0] load_data,
    input wire [READS*ADDRESS_BITS-1:0] addresses,
    output reg [READS*WIDTH-1:0] entries
);
  localparam integer DEPTH = 1 << ADDRESS_BITS;
  wire [READS*WIDTH-1:0] words;
  always @(posedge clk) entries <= words;
  genvar c;
  generate
    if (DEPTH > 64) begin : g_block
      for (c = 0; c < (READS + 1) / 2; c = c + 1) begin : g_copy
        (* ram_style = "block", no_rw_check *) reg [WIDTH-1:0] memory[0:DEPTH-1];
        wire [ADDRESS_BITS-1:0] address_a = load ? load_address : addresses[2*c*ADDRESS_BITS+:ADDRESS_BITS];
        reg [WIDTH-1:0] word_a;
        always @(posedge clk) begin
          if (load) memory[address_a] <= load_data;
          word_a <= memory[address_a];
        end
        assign words[2*c*WIDTH+:WIDTH] = word_a;
        if (2 * c + 1 < READS) begin : g_second
          reg [WIDTH-1:0] word_b;
          always @(posedge clk) word_b <= memory[addresses[(2*c+1)*ADDRESS_BITS+:ADDRESS_BITS]];
          assign words[(2*c+1)*WIDTH+:WIDTH] = word_b;
        end
      end
    end else begin : g_distributed
      wire [READS*WIDTH-1:0] now;
      reg [READS*WIDTH-1:0] next;
      ram_async #(
          .WIDTH(WIDTH), .DEPTH(DEPTH), .READS(READS)
      ) small_table (
          .clk(clk), .write_enable(load), .write_address(load_address), .write_data(load_data),
          .read_addresses(addresses), .read_data(now)
      );
      always @(posedge clk) next <= now;
      assign words = next;
    end
  endgenerate
endmodule
