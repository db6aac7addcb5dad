// fifo_fwft gives back what was pushed, in order, and an entry is never hidden for more than two cycles.
// Four entries of one bit; the owner pushes no more than that, and pops what is valid.
module formal_fifo_fwft (
    input wire clk,
    input wire resetn,
    input wire push,
    input wire push_data,
    input wire pop
);
  localparam integer DEPTH = 4;
  wire valid, data;
  fifo_fwft #(
      .WIDTH(1), .DEPTH(DEPTH)
  ) fifo (
      .clk(clk), .resetn(resetn), .push(push), .push_data(push_data), .valid(valid), .data(data), .pop(pop)
  );

  // The same as a shift register: bit 0 is the oldest entry.
  reg [DEPTH-1:0] entries;
  reg [2:0] count;
  reg [1:0] hidden_cycles;
  wire [2:0] count_left = count - {2'd0, pop};
  wire [DEPTH-1:0] entries_left = pop ? entries >> 1 : entries;
  always @(posedge clk) begin
    entries <= push ? entries_left & ~(4'd1 << count_left) | {3'd0, push_data} << count_left : entries_left;
    count <= !resetn ? 3'd0 : count_left + {2'd0, push};
    hidden_cycles <= !resetn || valid || count == 0 ? 2'd0 : hidden_cycles + 2'd1;
  end

  reg past_reset = 1'b0;
  always @(posedge clk) past_reset <= 1'b1;
  always @(*) begin
    assume (past_reset || !resetn);
    if (past_reset) begin
      assume (!push || count < DEPTH);
      assume (!pop || valid);
      assert (!valid || count != 0);
      assert (!valid || data == entries[0]);
      assert (hidden_cycles < 2'd3);
    end
  end
endmodule
