// control_registers: the AXI4-Lite slave. A write is effective in the cycle in which address and data are both taken,
// and what it sets is visible in the next; a read returns what is visible in the cycle in which its address is taken.
// Counts the cycle classes; interrupt = done status & enable.
module control_registers #(
    parameter integer LANES = 64,
    parameter integer LANE_WIDTH = 16,
    parameter integer UPDATE_WIDTH = 2,
    parameter integer ACTIVATION_BITS = 8,
    parameter integer LUT_ADDRESS_BITS = 10,
    parameter integer CELL_KINDS = 1,
    parameter integer STREAMS = 1,
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512,
    parameter integer INPUT_WORDS = 512,
    parameter integer OUTPUT_FIFO_BEATS = 512,
    parameter integer LOAD_BITS = 22
) (
    input wire clk,
    input wire resetn,
    // AXI4-Lite
    input wire [12:0] s_awaddr,
    input wire s_awvalid,
    output wire s_awready,
    input wire [31:0] s_wdata,
    input wire s_wvalid,
    output wire s_wready,
    output wire [1:0] s_bresp,
    output reg s_bvalid,
    input wire s_bready,
    input wire [12:0] s_araddr,
    input wire s_arvalid,
    output wire s_arready,
    output reg [31:0] s_rdata,
    output wire [1:0] s_rresp,
    output reg s_rvalid,
    input wire s_rready,
    output wire interrupt,
    // to the blocks
    output wire start,
    output reg [2:0] load_target,
    output wire load_begin,
    output reg [LOAD_BITS-1:0] load_address,
    output reg [5:0] descriptor_count,
    output reg sequence_mode,
    output reg [1:0] output_kind,
    output reg [1:0] output_steps,
    output reg [15:0] input_chunks,
    output reg input_one_hot,
    output reg [31:0] input_slots,
    output reg [31:0] packet_vectors,
    output reg descriptor_write,
    output reg [4:0] descriptor_index,
    output reg [4:0] descriptor_field,
    output reg [31:0] descriptor_data,
    // from the blocks
    input wire running,
    input wire run_ends, // the last chunk of the run is issued
    input wire [2:0] cycle_class,
    input wire header_accepted,
    input wire output_transferred,
    input wire output_last_of_run,
    input wire stream_error // a load or a header was a mistake
);
  localparam integer COUNTER_BITS = 48;
  localparam [31:0] VERSION = 32'h42525501;

  // Writes. Address and data are registered as both become valid: behind the pins there is little logic. They are taken in the
  // next cycle, in which the write takes effect.
  reg write, at_control; // a write; its address is that of CONTROL, which is known early, since `start` goes far
  reg [12:0] write_address;
  reg [31:0] write_data;
  always @(posedge clk) begin
    write <= resetn & s_awvalid & s_wvalid & (~s_bvalid | s_bready) & ~write;
    at_control <= s_awaddr[12:2] == 11'd0;
    write_address <= s_awaddr;
    write_data <= s_wdata;
  end
  assign s_awready = write;
  assign s_wready = write;
  assign s_bresp = 2'b00;
  assign s_rresp = 2'b00;
  wire write_register = write & ~write_address[12];
  wire [10:0] write_word = write_address[12:2]; // bit 10: descriptors
  wire write_control = write & at_control;
  wire error, done;
  register_check #(
      .CELL_KINDS(CELL_KINDS), .WEIGHT_WORDS(WEIGHT_WORDS), .SCALE_WORDS(SCALE_WORDS), .BIAS_WORDS(BIAS_WORDS),
      .STATE_WORDS(STATE_WORDS), .CELL_WORDS(CELL_WORDS)
  ) register_check (
      .clk(clk), .resetn(resetn), .write_field(write_address[6:2]), .write_data(write_data),
      .count_write(write_register && write_word == 11'd6), .descriptor_write(descriptor_write),
      .descriptor_index(descriptor_index), .descriptor_field(descriptor_field), .descriptor_count(descriptor_count),
      .output_kind(output_kind), .output_steps(output_steps), .start_write(write_control & write_data[0]), .done(done),
      .stream_error(stream_error), .start(start), .error(error)
  );
  wire count = write_control & write_data[1];
  wire freeze = write_control & write_data[2];
  assign load_begin = write_register && write_word == 11'd4;
  always @(posedge clk) begin
    if (!resetn) s_bvalid <= 1'b0;
    else s_bvalid <= write | (s_bvalid & ~s_bready);
  end

  reg interrupt_enable;
  wire interrupt_status;
  run_status run_status (
      .clk(clk), .resetn(resetn), .start(start), .clear_interrupt(write_register && write_word == 11'd3 && write_data[0]),
      .running(running), .run_ends(run_ends), .output_last_of_run(output_transferred & output_last_of_run), .done(done),
      .interrupt(interrupt_status)
  );
  assign interrupt = interrupt_status & interrupt_enable;
  always @(posedge clk) begin
    descriptor_write <= resetn & write & write_address[12];
    descriptor_index <= write_address[11:7];
    descriptor_field <= write_address[6:2];
    descriptor_data <= write_data;
    if (!resetn) begin
      interrupt_enable <= 1'b0;
      load_target <= 3'd0;
      load_address <= 0;
      descriptor_count <= 0;
      sequence_mode <= 1'b0;
      output_kind <= 2'd0;
      output_steps <= 2'd0;
      input_chunks <= 0;
      input_one_hot <= 1'b0;
      input_slots <= 0;
      packet_vectors <= 32'd1;
    end else begin
      if (write_register)
        case (write_word)
          11'd2: interrupt_enable <= write_data[0];
          11'd4: load_target <= write_data[2:0];
          11'd5: load_address <= write_data[LOAD_BITS-1:0];
          11'd6: descriptor_count <= write_data[5:0];
          11'd7: begin
            sequence_mode <= write_data[0];
            output_kind <= write_data[5:4];
            output_steps <= write_data[9:8];
          end
          11'd8: begin
            input_chunks <= write_data[15:0];
            input_one_hot <= write_data[31];
          end
          11'd9: input_slots <= write_data;
          11'd10: packet_vectors <= write_data;
          default: ;
        endcase
    end
  end

  // Counters. The events of a counted cycle are registered first: they are complete two cycles after `freeze`, and
  // cycle_number lags by that cycle.
  reg counting, counted;
  reg [COUNTER_BITS-1:0] cycle_number;
  reg [2:0] counted_class;
  reg counted_header, counted_output;
  reg header_seen;
  always @(posedge clk) begin
    if (!resetn) counting <= 1'b0;
    else if (count) counting <= 1'b1;
    else if (freeze) counting <= 1'b0;
    cycle_number <= count ? {COUNTER_BITS{1'b0}} : cycle_number + 1'b1;
    counted <= resetn & counting & ~count;
    counted_class <= cycle_class;
    counted_header <= header_accepted;
    counted_output <= output_transferred;
  end
  wire clear = ~resetn | count;
  // A cycle has one class: the class counters are words of a LUT RAM with one adder, in pieces of 16 bits that hand their
  // carry on a cycle later. A piece counts as 0 until it is written for the first time. The host reads when nothing is
  // counted.
  localparam integer PIECE_BITS = 16;
  localparam integer PIECES = COUNTER_BITS / PIECE_BITS;
  wire [COUNTER_BITS-1:0] class_value;
  wire [PIECES:0] carries;
  wire [(PIECES+1)*3-1:0] classes;
  assign carries[0] = counted;
  assign classes[2:0] = counted_class;
  genvar p, c;
  generate
    for (p = 0; p < PIECES; p = p + 1) begin : g_piece
      reg [7:0] written;
      reg carried, added;
      reg [2:0] carried_class;
      wire adds = carries[p];
      wire [2:0] piece_class = classes[p*3+:3];
      wire [PIECE_BITS-1:0] counter, counter_read;
      wire [PIECE_BITS:0] sum = {1'b0, counter & {PIECE_BITS{written[piece_class]}}} + 1'b1;
      ram_async #(.WIDTH(PIECE_BITS), .DEPTH(8), .READS(2)) counters (
          .clk(clk), .write_enable(adds), .write_address(piece_class), .write_data(sum[PIECE_BITS-1:0]),
          .read_addresses({s_araddr[5:3], piece_class}), .read_data({counter_read, counter})
      );
      for (c = 0; c < 8; c = c + 1) begin : g_written
        always @(posedge clk)
          if (clear) written[c] <= 1'b0;
          else if (adds && piece_class == c) written[c] <= 1'b1;
      end
      always @(posedge clk) begin
        added <= adds & ~clear;
        carried <= sum[PIECE_BITS];
        carried_class <= piece_class;
      end
      assign carries[p+1] = carried & added;
      assign classes[(p+1)*3+:3] = carried_class;
      assign class_value[p*PIECE_BITS+:PIECE_BITS] = counter_read & {PIECE_BITS{written[s_araddr[5:3]]}};
    end
  endgenerate
  wire unused_carry = &{1'b0, carries[PIECES], classes[PIECES*3+:3]};
  reg [COUNTER_BITS-1:0] headers;
  always @(posedge clk) begin
    if (clear) headers <= 0;
    else if (counted && counted_header) headers <= headers + 1'b1;
  end
  reg [COUNTER_BITS-1:0] first_header, last_output;
  always @(posedge clk) begin
    if (clear) begin
      header_seen <= 1'b0;
      first_header <= 0;
      last_output <= 0;
    end else if (counted) begin
      if (counted_header && !header_seen) begin
        header_seen <= 1'b1;
        first_header <= cycle_number;
      end
      if (counted_output) last_output <= cycle_number;
    end
  end
  // Reads.
  reg [31:0] read_value;
  wire [63:0] read_counter;
  wire [COUNTER_BITS-1:0] read_counter_value = s_araddr[6:3] == 4'd7 ? headers : s_araddr[6:3] == 4'd8 ? first_header :
                                               s_araddr[6:3] == 4'd9 ? last_output :
                                               s_araddr[6] ? {COUNTER_BITS{1'b0}} : class_value;
  assign read_counter = {{(64 - COUNTER_BITS) {1'b0}}, read_counter_value};
  always @(*) begin
    case (s_araddr[6:2])
      5'd1: read_value = {29'd0, error, done, running};
      5'd2: read_value = {31'd0, interrupt_enable};
      5'd3: read_value = {31'd0, interrupt_status};
      5'd4: read_value = {29'd0, load_target};
      5'd5: read_value = {{(32 - LOAD_BITS) {1'b0}}, load_address};
      5'd6: read_value = {26'd0, descriptor_count};
      5'd7: read_value = {22'd0, output_steps, 2'd0, output_kind, 3'd0, sequence_mode};
      5'd8: read_value = {input_one_hot, 15'd0, input_chunks};
      5'd9: read_value = input_slots;
      5'd10: read_value = packet_vectors;
      5'd11: read_value = VERSION;
      5'd12: read_value = LANES;
      5'd13: read_value = LANE_WIDTH;
      5'd14: read_value = UPDATE_WIDTH;
      5'd15: read_value = ACTIVATION_BITS;
      5'd16: read_value = LUT_ADDRESS_BITS;
      5'd17: read_value = WEIGHT_WORDS;
      5'd18: read_value = SCALE_WORDS;
      5'd19: read_value = BIAS_WORDS;
      5'd20: read_value = STATE_WORDS;
      5'd21: read_value = CELL_WORDS;
      5'd22: read_value = INPUT_WORDS;
      5'd23: read_value = OUTPUT_FIFO_BEATS;
      5'd24: read_value = STREAMS;
      5'd25: read_value = CELL_KINDS;
      default: read_value = 32'd0;
    endcase
  end
  assign s_arready = ~s_rvalid;
  always @(posedge clk) begin
    if (!resetn) s_rvalid <= 1'b0;
    else s_rvalid <= (s_arvalid & s_arready) | (s_rvalid & ~s_rready);
    if (s_arvalid & s_arready)
      s_rdata <= s_araddr[12:8] != 5'd0 ? 32'd0 :
                 !s_araddr[7] ? read_value : s_araddr[2] ? read_counter[63:32] : read_counter[31:0];
  end
  wire unused = &{1'b0, write_address[1:0], s_araddr[1:0]};
endmodule
