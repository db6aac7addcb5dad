// ram_sdp for wide words that are written a bank of BANK_BITS at a time and read whole.
module ram_banked #(
    parameter integer WIDTH = 1024,
    parameter integer DEPTH = 512,
    parameter integer BANK_BITS = 576,
    parameter integer OUTPUT_REGISTER = 1,
    parameter integer ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input wire clk,
    input wire write_enable,
    input wire [6:0] write_bank,
    input wire [ADDRESS_BITS-1:0] write_address,
    input wire [BANK_BITS-1:0] write_data,
    input wire [ADDRESS_BITS-1:0] read_address,
    output wire [WIDTH-1:0] read_data
);
  localparam integer BANKS = (WIDTH + BANK_BITS - 1) / BANK_BITS;
  wire unused = &{1'b0, write_data};
  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      localparam integer BITS = (b == BANKS - 1) ? WIDTH - b * BANK_BITS : BANK_BITS;
      ram_sdp #(
          .WIDTH(BITS), .DEPTH(DEPTH), .OUTPUT_REGISTER(OUTPUT_REGISTER)
      ) bank (
          .clk(clk),
          .write_enable(write_enable && write_bank == b),
          .write_address(write_address),
          .write_data(write_data[BITS-1:0]),
          .read_address(read_address),
          .read_data(read_data[b*BANK_BITS+:BITS])
      );
    end
  endgenerate
endmodule
