// Part of stream_input: where the beat of a load comes within its word, and whether the memory has that word. A module of its
// own, so that synthesis maps it by itself: mixed with the logic behind it, the number of LUTs changed by a sixth.
module load_place #(
    parameter integer LOAD_BITS = 12,
    parameter integer WEIGHT_WORDS = 4096,
    parameter integer SCALE_WORDS = 512,
    parameter integer BIAS_WORDS = 512,
    parameter integer TABLE_WORDS = 1024,
    parameter integer STATE_WORDS = 512,
    parameter integer CELL_WORDS = 512,
    parameter integer WEIGHT_BEATS = 16,
    parameter integer SCALE_BEATS = 2,
    parameter integer BIAS_BEATS = 6,
    parameter integer CELL_BEATS = 1,
    parameter integer CHUNK_BEATS = 2 // of inputs and state
) (
    input wire [2:0] load_target,
    input wire [9:0] beat,           // of the word
    input wire [4:0] bank_beat,      // of its bank
    input wire [LOAD_BITS:0] address, // of the word; beyond every memory behind the last address
    output wire word_done,           // the word's last beat
    output wire bank_done,           // the bank's last beat
    output wire beyond               // a load beyond the memory, or of no memory, is none
);
  localparam integer BANK_BEATS = 9;
  // Not a case: Yosys would make a subtraction and a shift of it.
  wire chunk = load_target == 3'd0 || load_target == 3'd5 || load_target == 3'd7;
  wire [9:0] beats_of_word = ({10{load_target == 3'd1}} & (WEIGHT_BEATS[9:0] - 10'd1)) | // minus one
                             ({10{load_target == 3'd2}} & (SCALE_BEATS[9:0] - 10'd1)) |
                             ({10{load_target == 3'd3}} & (BIAS_BEATS[9:0] - 10'd1)) |
                             ({10{load_target == 3'd6}} & (CELL_BEATS[9:0] - 10'd1)) |
                             ({10{chunk}} & (CHUNK_BEATS[9:0] - 10'd1));
  assign word_done = beat == beats_of_word;
  wire banked = load_target == 3'd1 || load_target == 3'd3;
  assign bank_done = word_done || (banked && bank_beat == BANK_BEATS[4:0] - 5'd1);

  wire [LOAD_BITS:0] target_words = ({(LOAD_BITS + 1) {load_target == 3'd1}} & WEIGHT_WORDS[LOAD_BITS:0]) |
                                    ({(LOAD_BITS + 1) {load_target == 3'd2}} & SCALE_WORDS[LOAD_BITS:0]) |
                                    ({(LOAD_BITS + 1) {load_target == 3'd3}} & BIAS_WORDS[LOAD_BITS:0]) |
                                    ({(LOAD_BITS + 1) {load_target == 3'd4}} & TABLE_WORDS[LOAD_BITS:0]) |
                                    ({(LOAD_BITS + 1) {load_target == 3'd5}} & STATE_WORDS[LOAD_BITS:0]) |
                                    ({(LOAD_BITS + 1) {load_target == 3'd6}} & CELL_WORDS[LOAD_BITS:0]);
  assign beyond = address >= target_words;
endmodule
