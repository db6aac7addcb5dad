// FIFO of DEPTH entries in block RAM behind one of four in LUT RAM, which hides the block RAM's latency: an entry is
// visible in the cycle after its push, or after the pop of the one before it. The owner never overfills it.
module beat_fifo #(
    parameter integer WIDTH = 66,
    parameter integer DEPTH = 512
) (
    input wire clk,
    input wire resetn,
    input wire push,
    input wire [WIDTH-1:0] push_data,
    output wire valid,
    output wire [WIDTH-1:0] data,
    input wire pop
);
  localparam integer BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  localparam integer LAST = DEPTH - 1;
  reg [BITS-1:0] write_address, read_address;
  reg [BITS:0] stored; // in the large memory
  reg fetching;        // its word comes in this cycle
  reg [2:0] near;      // entries of the small one, and on their way to it
  reg [1:0] near_write, near_read;
  reg [2:0] near_count;
  wire [WIDTH-1:0] word;
  // While there is something in the large memory, the small one holds at least three, which hides its latency. What comes
  // just behind its last word waits one cycle in `late`.
  reg late_valid;
  reg [WIDTH-1:0] late;
  wire takes = push && stored == 0 && near < 3'd4;
  wire to_late = takes && (fetching || late_valid);
  wire to_near = takes && !to_late;
  wire to_far = push && !takes;
  wire fetch = stored != 0 && near < 3'd4;
  wire near_push = to_near | fetching | late_valid;
  always @(posedge clk) begin
    if (!resetn) begin
      write_address <= 0;
      read_address <= 0;
      stored <= 0;
      fetching <= 1'b0;
      late_valid <= 1'b0;
      near <= 0;
      near_count <= 0;
      near_write <= 0;
      near_read <= 0;
    end else begin
      if (to_far) write_address <= write_address == LAST[BITS-1:0] ? {BITS{1'b0}} : write_address + 1'b1;
      if (fetch) read_address <= read_address == LAST[BITS-1:0] ? {BITS{1'b0}} : read_address + 1'b1;
      stored <= stored + {{BITS{1'b0}}, to_far} - {{BITS{1'b0}}, fetch};
      fetching <= fetch;
      late_valid <= to_late;
      near <= near + {2'd0, takes} + {2'd0, fetch} - {2'd0, pop};
      near_count <= near_count + {2'd0, near_push} - {2'd0, pop};
      if (near_push) near_write <= near_write + 2'd1;
      if (pop) near_read <= near_read + 2'd1;
    end
    late <= push_data;
  end
  ram_sdp #(.WIDTH(WIDTH), .DEPTH(DEPTH), .OUTPUT_REGISTER(0)) far_memory (
      .clk(clk), .write_enable(to_far), .write_address(write_address), .write_data(push_data),
      .read_address(read_address), .read_data(word)
  );
  ram_async #(.WIDTH(WIDTH), .DEPTH(4)) near_memory (
      .clk(clk), .write_enable(near_push), .write_address(near_write), .write_data(fetching ? word : late_valid ? late : push_data),
      .read_addresses(near_read), .read_data(data)
  );
  assign valid = near_count != 0;
endmodule
