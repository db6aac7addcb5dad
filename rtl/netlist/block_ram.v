// The block RAMs of a netlist, for simulation: RAMB36E1 and RAMB18E1 as UG473 (v1.11, chapter 1) describes them. Yosys' own
// cells_sim.v has their ports and timing and no behaviour. Modelled is what synth_xilinx makes of rtl/: one clock, one width
// on all ports in use, no output register, no cascade, no ECC. Anything else ends the simulation.
//
// A word is what one access reads or writes, with its parity bits: 1, 2, 4, 9, 18, 36 or, with one port for reads and one for
// writes (SDP), 72 bits. An access ignores the lowest bits of the address, which counts bits of data. What stands in a port's
// output stays until its next access: with READ_FIRST the word as it was, with WRITE_FIRST the new one; with NO_CHANGE an
// access that writes leaves it. A port that reads what the other one writes gets the word as it was where the other one is in
// READ_FIRST mode, and else no valid word (p. 19): the model inverts it.
module block_ram_model #(
    parameter integer ADDRESS_BITS = 15, // of a bit
    parameter integer SIDE_BITS = 32,    // of data on one side
    parameter SDP = 0,
    parameter integer READ_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST",
    parameter integer SIDE_BYTES = SIDE_BITS / 8
) (
    input clk_a, clk_b, enable_a, enable_b, reset_a, reset_b,
    input [ADDRESS_BITS-1:0] address_a, address_b,
    input [SIDE_BYTES-1:0] write_a,
    input [2*SIDE_BYTES-1:0] write_b,
    input [SIDE_BITS-1:0] data_in_a, data_in_b,
    input [SIDE_BYTES-1:0] parity_in_a, parity_in_b,
    output [SIDE_BITS-1:0] data_a, data_b,
    output [SIDE_BYTES-1:0] parity_a, parity_b
);
  function integer larger(input integer a, input integer b);
    larger = a > b ? a : b;
  endfunction
  localparam integer WIDTH = larger(larger(READ_WIDTH_A, WRITE_WIDTH_A), larger(READ_WIDTH_B, WRITE_WIDTH_B));
  localparam integer DATA = (WIDTH < 9) ? WIDTH : WIDTH / 9 * 8;
  localparam integer BYTES = (WIDTH < 9) ? 1 : WIDTH / 9;
  localparam integer LOW_BITS = $clog2(DATA);
  localparam integer WORD_BYTES = 2 * SIDE_BYTES; // of the widest word
  localparam integer WIDE = DATA > SIDE_BITS;     // a word takes both sides
  initial begin
    if ((READ_WIDTH_A != 0 && READ_WIDTH_A != WIDTH) || (WRITE_WIDTH_A != 0 && WRITE_WIDTH_A != WIDTH) ||
        (READ_WIDTH_B != 0 && READ_WIDTH_B != WIDTH) || (WRITE_WIDTH_B != 0 && WRITE_WIDTH_B != WIDTH))
      $fatal(1, "block RAM: ports of different widths are not modelled");
    if (SDP != 0 && (READ_WIDTH_B != 0 || WRITE_WIDTH_A != 0)) $fatal(1, "block RAM: in SDP mode port A reads and port B writes");
    if (SDP == 0 && WIDE != 0) $fatal(1, "block RAM: a word of both sides needs SDP mode");
  end

  // Nine bits per byte: parity above data. Words of 1, 2 and 4 bits have no parity.
  function [9*WORD_BYTES-1:0] packed_word(input [8*WORD_BYTES-1:0] data, input [WORD_BYTES-1:0] parity);
    integer i;
    for (i = 0; i < WORD_BYTES; i = i + 1) packed_word[9*i+:9] = {parity[i], data[8*i+:8]};
  endfunction
  function [8*WORD_BYTES-1:0] data_of(input [9*WORD_BYTES-1:0] word);
    integer i;
    for (i = 0; i < WORD_BYTES; i = i + 1) data_of[8*i+:8] = word[9*i+:8];
  endfunction
  function [WORD_BYTES-1:0] parity_of(input [9*WORD_BYTES-1:0] word);
    integer i;
    for (i = 0; i < WORD_BYTES; i = i + 1) parity_of[i] = word[9*i+8];
  endfunction

  reg [9*BYTES-1:0] memory[0:(1<<(ADDRESS_BITS-LOW_BITS))-1];
  wire [ADDRESS_BITS-LOW_BITS-1:0] place_a = address_a[ADDRESS_BITS-1:LOW_BITS];
  wire [ADDRESS_BITS-LOW_BITS-1:0] place_b = address_b[ADDRESS_BITS-1:LOW_BITS];
  wire [8*WORD_BYTES-1:0] in_a = {{SIDE_BITS{1'b0}}, data_in_a};
  wire [8*WORD_BYTES-1:0] in_b = (WIDE != 0) ? {data_in_b, data_in_a} : {{SIDE_BITS{1'b0}}, data_in_b};
  wire [WORD_BYTES-1:0] in_parity_a = {{SIDE_BYTES{1'b0}}, parity_in_a};
  wire [WORD_BYTES-1:0] in_parity_b = (WIDE != 0) ? {parity_in_b, parity_in_a} : {{SIDE_BYTES{1'b0}}, parity_in_b};
  wire [9*WORD_BYTES-1:0] word_in_a = packed_word(in_a, in_parity_a);
  wire [9*WORD_BYTES-1:0] word_in_b = packed_word(in_b, in_parity_b);
  wire writes_a = WRITE_WIDTH_A != 0 && write_a != 0;
  wire writes_b = WRITE_WIDTH_B != 0 && write_b != 0;
  reg [9*BYTES-1:0] new_a, new_b, word_a, word_b;
  integer k;
  always @(*) begin
    new_a = memory[place_a];
    new_b = memory[place_b];
    for (k = 0; k < BYTES; k = k + 1) begin
      if (WRITE_WIDTH_A != 0 && k < SIDE_BYTES && write_a[k%SIDE_BYTES]) new_a[9*k+:9] = word_in_a[9*k+:9];
      if (WRITE_WIDTH_B != 0 && write_b[k]) new_b[9*k+:9] = word_in_b[9*k+:9];
    end
  end
  // A port reads what the other one writes.
  wire same_place = enable_a && enable_b && place_a == place_b;
  wire spoilt_a = same_place && writes_b && WRITE_MODE_B != "READ_FIRST";
  wire spoilt_b = same_place && writes_a && WRITE_MODE_A != "READ_FIRST";
  always @(posedge clk_a) begin
    if (reset_a || reset_b) $fatal(1, "block RAM: a reset of its output is not modelled");
    if (enable_a) begin
      if (writes_a) memory[place_a] <= new_a;
      if (!writes_a || WRITE_MODE_A == "READ_FIRST") word_a <= memory[place_a] ^ {(9 * BYTES) {spoilt_a}};
      else if (WRITE_MODE_A == "WRITE_FIRST") word_a <= new_a;
    end
  end
  always @(posedge clk_b)
    if (enable_b) begin
      if (writes_b) memory[place_b] <= new_b;
      if (!writes_b || WRITE_MODE_B == "READ_FIRST") word_b <= memory[place_b] ^ {(9 * BYTES) {spoilt_b}};
      else if (WRITE_MODE_B == "WRITE_FIRST") word_b <= new_b;
    end
  wire [9*WORD_BYTES-1:0] out_a = {{(9 * (WORD_BYTES - BYTES) + 1) {1'b0}}, word_a};
  wire [9*WORD_BYTES-1:0] out_b = {{(9 * (WORD_BYTES - BYTES) + 1) {1'b0}}, word_b};
  wire [8*WORD_BYTES-1:0] out_data_a = data_of(out_a);
  wire [8*WORD_BYTES-1:0] out_data_b = data_of(out_b);
  wire [WORD_BYTES-1:0] out_parity_a = parity_of(out_a);
  wire [WORD_BYTES-1:0] out_parity_b = parity_of(out_b);
  assign data_a = out_data_a[SIDE_BITS-1:0];
  assign parity_a = out_parity_a[SIDE_BYTES-1:0];
  assign data_b = (WIDE != 0) ? out_data_a[2*SIDE_BITS-1:SIDE_BITS] : out_data_b[SIDE_BITS-1:0];
  assign parity_b = (WIDE != 0) ? out_parity_a[2*SIDE_BYTES-1:SIDE_BYTES] : out_parity_b[SIDE_BYTES-1:0];
endmodule

module RAMB18E1 #(
    parameter integer DOA_REG = 0,
    parameter integer DOB_REG = 0,
    parameter RAM_MODE = "TDP",
    parameter integer READ_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST"
) (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input [13:0] ADDRARDADDR, ADDRBWRADDR,
    input [15:0] DIADI, DIBDI,
    input [1:0] DIPADIP, DIPBDIP,
    input [1:0] WEA,
    input [3:0] WEBWE,
    output [15:0] DOADO, DOBDO,
    output [1:0] DOPADOP, DOPBDOP
);
  initial if (DOA_REG != 0 || DOB_REG != 0) $fatal(1, "RAMB18E1: an output register is not modelled");
  block_ram_model #(
      .ADDRESS_BITS(14), .SIDE_BITS(16), .SDP(RAM_MODE == "SDP"), .READ_WIDTH_A(READ_WIDTH_A), .WRITE_WIDTH_A(WRITE_WIDTH_A),
      .READ_WIDTH_B(READ_WIDTH_B), .WRITE_WIDTH_B(WRITE_WIDTH_B), .WRITE_MODE_A(WRITE_MODE_A), .WRITE_MODE_B(WRITE_MODE_B)
  ) model (
      .clk_a(CLKARDCLK), .clk_b(CLKBWRCLK), .enable_a(ENARDEN), .enable_b(ENBWREN), .reset_a(RSTRAMARSTRAM), .reset_b(RSTRAMB),
      .address_a(ADDRARDADDR), .address_b(ADDRBWRADDR), .write_a(WEA), .write_b(WEBWE), .data_in_a(DIADI), .data_in_b(DIBDI),
      .parity_in_a(DIPADIP), .parity_in_b(DIPBDIP), .data_a(DOADO), .data_b(DOBDO), .parity_a(DOPADOP), .parity_b(DOPBDOP)
  );
endmodule

module RAMB36E1 #(
    parameter integer DOA_REG = 0,
    parameter integer DOB_REG = 0,
    parameter RAM_MODE = "TDP",
    parameter integer READ_WIDTH_A = 0,
    parameter integer READ_WIDTH_B = 0,
    parameter integer WRITE_WIDTH_A = 0,
    parameter integer WRITE_WIDTH_B = 0,
    parameter WRITE_MODE_A = "WRITE_FIRST",
    parameter WRITE_MODE_B = "WRITE_FIRST",
    parameter RAM_EXTENSION_A = "NONE",
    parameter RAM_EXTENSION_B = "NONE"
) (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input [15:0] ADDRARDADDR, ADDRBWRADDR,
    input [31:0] DIADI, DIBDI,
    input [3:0] DIPADIP, DIPBDIP,
    input [3:0] WEA,
    input [7:0] WEBWE,
    output [31:0] DOADO, DOBDO,
    output [3:0] DOPADOP, DOPBDOP
);
  initial if (DOA_REG != 0 || DOB_REG != 0 || RAM_EXTENSION_A != "NONE" || RAM_EXTENSION_B != "NONE") $fatal(1, "RAMB36E1: an output register or a cascade is not modelled");
  block_ram_model #(
      .ADDRESS_BITS(15), .SIDE_BITS(32), .SDP(RAM_MODE == "SDP"), .READ_WIDTH_A(READ_WIDTH_A), .WRITE_WIDTH_A(WRITE_WIDTH_A),
      .READ_WIDTH_B(READ_WIDTH_B), .WRITE_WIDTH_B(WRITE_WIDTH_B), .WRITE_MODE_A(WRITE_MODE_A), .WRITE_MODE_B(WRITE_MODE_B)
  ) model (
      .clk_a(CLKARDCLK), .clk_b(CLKBWRCLK), .enable_a(ENARDEN), .enable_b(ENBWREN), .reset_a(RSTRAMARSTRAM), .reset_b(RSTRAMB),
      .address_a(ADDRARDADDR[14:0]), .address_b(ADDRBWRADDR[14:0]), .write_a(WEA), .write_b(WEBWE), .data_in_a(DIADI), .data_in_b(DIBDI),
      .parity_in_a(DIPADIP), .parity_in_b(DIPBDIP), .data_a(DOADO), .data_b(DOBDO), .parity_a(DOPADOP), .parity_b(DOPBDOP)
  );
endmodule
