// A FIFO gives back what was pushed, in order: beat_fifo (BEATS = 1) shows an entry as soon as there is one, and fifo_fwft never
// hides one for more than two cycles. Entries of one bit; the owner pushes no more than the FIFO holds, and pops what is valid.
module formal_fifo #(
    parameter integer BEATS = 0
) (
    input wire clk,
    input wire resetn,
    input wire offered,
    input wire accepted,
    input wire push_data,
    input wire pop
);
  localparam integer DEPTH = (BEATS != 0) ? 6 : 4; // of beat_fifo: more than its small memory has
  wire valid, data;
  wire push = offered && accepted;
  generate
    if (BEATS != 0) begin : g_beats
      beat_fifo #(
          .WIDTH(1), .DEPTH(DEPTH)
      ) fifo (
          .clk(clk), .resetn(resetn), .push(push), .push_data(push_data), .valid(valid), .data(data), .pop(pop)
      );
    end else begin : g_words
      fifo_fwft #(
          .WIDTH(1), .DEPTH(DEPTH)
      ) fifo (
          .clk(clk), .resetn(resetn), .offered(offered), .accepted(accepted), .push_data(push_data), .valid(valid), .data(data), .pop(pop)
      );
    end
  endgenerate

  // The same as a shift register: bit 0 is the oldest entry.
  reg [DEPTH-1:0] entries;
  reg [2:0] count;
  reg [1:0] hidden_cycles;
  wire [2:0] count_left = count - {2'd0, pop};
  wire [DEPTH-1:0] entries_left = pop ? entries >> 1 : entries;
  wire [DEPTH-1:0] first = {{(DEPTH - 1) {1'b0}}, 1'b1};
  wire [DEPTH-1:0] pushed = {{(DEPTH - 1) {1'b0}}, push_data};
  always @(posedge clk) begin
    entries <= push ? entries_left & ~(first << count_left) | pushed << count_left : entries_left;
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
      assert (BEATS == 0 || valid || count == 0);
      assert (hidden_cycles < 2'd3);
    end
  end
endmodule
