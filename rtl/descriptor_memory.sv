// Part of vector_sequencer: the descriptors that software writes. Reads every field of one of them, and of the one behind it
// the strides alone, in the cycle of the index. A reset leaves all as they are.
module descriptor_memory #(
    parameter integer FIELDS = 22,
    parameter integer FIELD_BITS = 22, // of each field in read_fields
    parameter integer STATE_BITS = 9,
    parameter integer CELL_BITS = 9,
    parameter integer WEIGHT_BITS = 12,
    parameter integer SCALE_BITS_ADDRESS = 9,
    parameter integer BIAS_BITS_ADDRESS = 9,
    parameter integer CELL_KINDS = 1
) (
    input wire clk,
    input wire write,
    input wire [4:0] write_index,
    input wire [4:0] write_field,
    input wire [31:0] write_data,
    input wire [5:0] count,                     // of descriptors
    input wire [4:0] read_index,
    output wire [FIELDS*FIELD_BITS-1:0] read_fields,
    input wire [4:0] following_index,
    output wire [STATE_BITS-1:0] following_x_stride, following_h_stride,
    output reg [31:0] reverse_flags,            // of every descriptor
    output reg last_is_dense,                   // of the last descriptor
    output reg second_reads_input,              // of descriptor 1: a second direction of layer 0
    output reg [15:0] first_x_words,            // of descriptor 0
    output reg [STATE_BITS-1:0] first_h_stride
);
  function integer field_bits(input integer field);
    case (field)
      0: field_bits = (CELL_KINDS > 1) ? 6 : 5;
      4, 7: field_bits = 4;
      8: field_bits = WEIGHT_BITS;
      9: field_bits = SCALE_BITS_ADDRESS;
      10: field_bits = BIAS_BITS_ADDRESS;
      11, 12, 13, 14, 15: field_bits = STATE_BITS;
      16, 17: field_bits = CELL_BITS;
      18: field_bits = 7;
      19: field_bits = 5;
      default: field_bits = 16;
    endcase
  endfunction
  genvar f;
  generate
    for (f = 0; f < FIELDS; f = f + 1) begin : g_field
      localparam integer BITS = field_bits(f);
      localparam integer READS = (f == 12 || f == 14) ? 2 : 1;
      wire [READS*5-1:0] addresses;
      wire [READS*BITS-1:0] words;
      ram_async #(.WIDTH(BITS), .DEPTH(32), .READS(READS)) field_memory (
          .clk(clk), .write_enable(write && write_field == f), .write_address(write_index),
          .write_data(write_data[BITS-1:0]), .read_addresses(addresses), .read_data(words)
      );
      assign addresses[4:0] = read_index;
      wire [FIELD_BITS:0] padded = {{(FIELD_BITS + 1 - BITS) {1'b0}}, words[BITS-1:0]};
      wire unused_padding = padded[FIELD_BITS];
      assign read_fields[f*FIELD_BITS+:FIELD_BITS] = padded[FIELD_BITS-1:0];
      if (READS == 2) begin : g_following
        assign addresses[9:5] = following_index;
        if (f == 12) begin : g_x
          assign following_x_stride = words[BITS+:BITS];
        end else begin : g_h
          assign following_h_stride = words[BITS+:BITS];
        end
      end
    end
  endgenerate
  reg [31:0] dense_flags;
  generate
    for (f = 0; f < 32; f = f + 1) begin : g_flags
      always @(posedge clk)
        if (write && write_field == 5'd0 && write_index == f) begin
          dense_flags[f] <= write_data[0];
          reverse_flags[f] <= write_data[1];
        end
    end
  endgenerate
  reg [4:0] last;
  always @(posedge clk) begin
    last <= count[4:0] - 5'd1;
    last_is_dense <= dense_flags[last];
    if (write && write_field == 5'd0 && write_index == 5'd1) second_reads_input <= write_data[2];
    if (write && write_index == 5'd0 && write_field == 5'd5) first_x_words <= write_data[15:0];
    if (write && write_index == 5'd0 && write_field == 5'd14) first_h_stride <= write_data[STATE_BITS-1:0];
  end
  wire unused = &{1'b0, write_data, count[5]};
endmodule
