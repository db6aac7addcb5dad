// FIFO whose oldest entry stands in a register: an entry pushed into an empty FIFO is visible in the next cycle.
// After a pop the next entry may take two cycles. The owner never overfills it.
module fifo_fwft #(
    parameter integer WIDTH = 32,
    parameter integer DEPTH = 512 // a power of two
) (
    input wire clk,
    input wire resetn,
    input wire push,
    input wire [WIDTH-1:0] push_data,
    output reg valid,
    output reg [WIDTH-1:0] data,
    input wire pop
);
  localparam integer BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  reg [BITS:0] write_count, read_count;
  wire stored = write_count != read_count;
  reg word_ready; // `word` is the oldest stored entry
  wire [WIDTH-1:0] word;
  wire vacant = !valid || pop;
  wire refill = vacant && word_ready;
  wire pass = vacant && push && !stored;
  wire store = push && (stored || !vacant);
  always @(posedge clk) begin
    if (!resetn) begin
      write_count <= 0;
      read_count <= 0;
      word_ready <= 1'b0;
      valid <= 1'b0;
    end else begin
      if (store) write_count <= write_count + 1'b1;
      if (refill) read_count <= read_count + 1'b1;
      word_ready <= stored && !refill;
      valid <= refill || pass || !vacant;
    end
    if (vacant) data <= word_ready ? word : push_data;
  end
  ram_sdp #(
      .WIDTH(WIDTH), .DEPTH(DEPTH), .OUTPUT_REGISTER(0)
  ) entries (
      .clk(clk),
      .write_enable(1'b1), // behind the newest entry: it becomes one when it is counted
      .write_address(write_count[BITS-1:0]),
      .write_data(push_data),
      .read_address(read_count[BITS-1:0]),
      .read_data(word)
  );
endmodule
