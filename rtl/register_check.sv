// Part of control_registers: mistakes of software (docs/interfaces.md, "Mistakes of software"). A descriptor with a field out of
// range is marked, until FLAGS is written again; a start with a marked descriptor, with no descriptor or without an output
// kind is none. `error` stays until the reset.
module register_check #(
    parameter integer CELL_KINDS = 1,
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512
) (
    input wire clk,
    input wire resetn,
    input wire [4:0] write_field,  // of a descriptor, if one is being written
    input wire [31:0] write_data,
    input wire count_write,        // DESCRIPTORS is being written
    input wire descriptor_write,   // a field was written in the cycle before
    input wire [4:0] descriptor_index,
    input wire [4:0] descriptor_field,
    input wire [5:0] descriptor_count,
    input wire [1:0] output_kind,
    input wire [1:0] output_steps,
    input wire start_write,
    input wire done,
    input wire stream_error,       // of stream_input
    output wire start,
    output reg error
);
  wire [31:0] data = write_data;
  wire high = |data[31:16];
  wire empty = data[15:0] == 16'd0;
  wire [6:0] low = {|data[31:6], data[5:0]}; // 64 and more: as something from 64 to 127
  reg out_of_range;
  always @(*) begin
    case (write_field)
      5'd0: out_of_range = |data[31:6] || (CELL_KINDS == 1 && data[5]);
      5'd1, 5'd2, 5'd3, 5'd5: out_of_range = high || empty;
      5'd4: out_of_range = low == 7'd0 || low > 7'd8;
      5'd6, 5'd20, 5'd21: out_of_range = high;
      5'd7: out_of_range = low > 7'd8;
      5'd18: out_of_range = data[31] ? !(&data[30:4]) : low >= 7'd48;
      5'd19: out_of_range = low >= 7'd32;
      default: out_of_range = 1'b0;
    endcase
  end
  // Of the field that was written in the cycle before. The comparison with each memory's depth has a register of its own:
  // the choice among them would make a long path of it.
  reg wrong, beyond_weights, beyond_scales, beyond_biases, beyond_state, beyond_cells;
  always @(posedge clk) begin
    wrong <= out_of_range;
    beyond_weights <= data >= WEIGHT_WORDS;
    beyond_scales <= data >= SCALE_WORDS;
    beyond_biases <= data >= BIAS_WORDS;
    beyond_state <= data >= STATE_WORDS;
    beyond_cells <= data >= CELL_WORDS;
  end
  reg address_wrong;
  always @(*) begin
    case (descriptor_field)
      5'd8: address_wrong = beyond_weights;
      5'd9: address_wrong = beyond_scales;
      5'd10: address_wrong = beyond_biases;
      5'd11, 5'd12, 5'd13, 5'd14, 5'd15: address_wrong = beyond_state;
      5'd16, 5'd17: address_wrong = beyond_cells;
      default: address_wrong = 1'b0;
    endcase
  end
  wire descriptor_wrong = wrong || address_wrong;
  reg [31:0] marks = {32{1'b1}}; // descriptors that were never written; a reset leaves descriptors as they are
  wire [31:0] used;
  genvar d;
  generate
    for (d = 0; d < 32; d = d + 1) begin : g_descriptor
      assign used[d] = descriptor_count > d;
      always @(posedge clk)
        if (descriptor_write && descriptor_index == d) marks[d] <= descriptor_wrong || (marks[d] && descriptor_field != 5'd0);
    end
  endgenerate

  reg count_wrong, mistake, started;
  assign start = start_write && !mistake && (done || !started);
  always @(posedge clk) begin
    mistake <= count_wrong || output_kind == 2'd3 || output_steps == 2'd3 || |(marks & used);
    if (!resetn) begin
      count_wrong <= 1'b1;
      started <= 1'b0;
      error <= 1'b0;
    end else begin
      if (count_write) count_wrong <= write_data == 32'd0 || write_data > 32'd32;
      started <= started || start;
      error <= error || stream_error || (start_write && !start);
    end
  end
endmodule
