// FIFO whose oldest entry stands in a register: an entry pushed into an empty FIFO is visible in the next cycle.
// After a pop the next entry may take two cycles. The owner never overfills it.
module fifo_fwft #(
    parameter integer WIDTH = 32,
    parameter integer DEPTH = 512 // a power of two
) (
    input wire clk,
    input wire resetn,
    input wire offered,  // an entry
    input wire accepted, // it is pushed if it is offered; this may be known late in the cycle
    input wire [WIDTH-1:0] push_data,
    output reg valid,
    output reg [WIDTH-1:0] data,
    input wire pop
);
  localparam integer BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  reg [BITS-1:0] write_address, read_address, read_following; // the last one is read_address + 1
  reg stored;     // there is an entry in memory; a comparison of the addresses would be late
  reg word_ready; // `word` is the oldest stored entry
  wire [WIDTH-1:0] word;
  wire push = offered && accepted;
  wire vacant = !valid || pop;
  wire refill = vacant && word_ready;
  wire pass = vacant && push && !stored;
  wire store = push && (stored || !vacant);
  always @(posedge clk) begin
    if (!resetn) begin
      write_address <= 0;
      read_address <= 0;
      read_following <= 1;
      stored <= 1'b0;
      word_ready <= 1'b0;
      valid <= 1'b0;
    end else begin
      if (store) write_address <= write_address + 1'b1;
      if (refill) read_address <= read_following;
      if (refill) read_following <= read_following + 1'b1;
      stored <= store || (refill ? write_address != read_following : stored);
      word_ready <= stored && !refill;
      valid <= refill || pass || !vacant;
    end
    if (vacant) data <= word_ready ? word : push_data;
  end
  ram_sdp #(
      .WIDTH(WIDTH), .DEPTH(DEPTH), .OUTPUT_REGISTER(0)
  ) entries (
      .clk(clk),
      .write_enable(1'b1), // behind the newest entry: it becomes one with the next address
      .write_address(write_address),
      .write_data(push_data),
      .read_address(read_address),
      .read_data(word)
  );
endmodule
