// activation_lut: sigmoid of the rows i, f, o and tanh of g for UPDATE_WIDTH units per cycle, and tanh of as many c'.
// An entry is visible kTableReadCycles (2) after its address.
module activation_lut #(
    parameter integer UPDATE_WIDTH = 2,
    parameter integer LUT_ADDRESS_BITS = 10
) (
    input wire clk,
    input wire load,
    input wire [LUT_ADDRESS_BITS-1:0] load_address,
    input wire [31:0] load_data, // tanh, sigmoid
    input wire [4*UPDATE_WIDTH*LUT_ADDRESS_BITS-1:0] gate_addresses, // a unit: i, f, g, o
    output wire [4*UPDATE_WIDTH*16-1:0] gates,
    input wire [UPDATE_WIDTH*LUT_ADDRESS_BITS-1:0] cell_addresses,
    output wire [UPDATE_WIDTH*16-1:0] cell_tanh
);
  localparam integer E = UPDATE_WIDTH;
  localparam integer N = LUT_ADDRESS_BITS;
  wire [3*E*N-1:0] sigmoid_addresses;
  wire [3*E*16-1:0] sigmoid_entries;
  wire [2*E*N-1:0] tanh_addresses;
  wire [2*E*16-1:0] tanh_entries;
  genvar e;
  generate
    for (e = 0; e < E; e = e + 1) begin : g_unit
      assign sigmoid_addresses[3*e*N+:3*N] = {gate_addresses[(4*e+3)*N+:N], gate_addresses[4*e*N+:2*N]}; // o, f, i
      assign tanh_addresses[2*e*N+:2*N] = {cell_addresses[e*N+:N], gate_addresses[(4*e+2)*N+:N]};        // c', g
      assign gates[4*e*16+:64] = {sigmoid_entries[(3*e+2)*16+:16], tanh_entries[2*e*16+:16], sigmoid_entries[3*e*16+:32]};
      assign cell_tanh[e*16+:16] = tanh_entries[(2*e+1)*16+:16];
    end
  endgenerate
  table_ram #(.ADDRESS_BITS(N), .READS(3 * E)) sigmoid (
      .clk(clk), .load(load), .load_address(load_address), .load_data(load_data[15:0]),
      .addresses(sigmoid_addresses), .entries(sigmoid_entries)
  );
  table_ram #(.ADDRESS_BITS(N), .READS(2 * E)) tanh (
      .clk(clk), .load(load), .load_address(load_address), .load_data(load_data[31:16]),
      .addresses(tanh_addresses), .entries(tanh_entries)
  );
endmodule
