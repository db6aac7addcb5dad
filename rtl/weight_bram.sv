// weight_bram: LANES*LANE_WIDTH weight bits per cycle, in the order in which the sequencer reads them; bit
// lane*LANE_WIDTH + column. The word is visible kMemoryReadCycles (2) after its address. Loads come in banks of nine
// beats (576 bits = a whole number of block RAMs of any width), so that only one bank has to be put together outside.
module weight_bram #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer BANK_BITS = 576,
    parameter integer ADDRESS_BITS = (WEIGHT_WORDS > 1) ? $clog2(WEIGHT_WORDS) : 1
) (
    input wire clk,
    input wire load_write,
    input wire [6:0] load_bank,
    input wire [ADDRESS_BITS-1:0] load_address,
    input wire [BANK_BITS-1:0] load_data,
    input wire [ADDRESS_BITS-1:0] read_address,
    output wire [LANES*LANE_WIDTH-1:0] read_word
);
  localparam integer WORD_BITS = LANES * LANE_WIDTH;
  ram_banked #(
      .WIDTH(WORD_BITS), .DEPTH(WEIGHT_WORDS), .BANK_BITS(BANK_BITS), .OUTPUT_REGISTER(1)
  ) weights (
      .clk(clk),
      .write_enable(load_write),
      .write_bank(load_bank),
      .write_address(load_address),
      .write_data(load_data),
      .read_address(read_address),
      .read_data(read_word)
  );
endmodule
