// Part of the sequencer: the clock enables of the pass generator. A module of its own, so that each of them is one LUT
// behind registers: synthesis would share `begin_vector`, which has many loads, and the enable would stand behind it.
module generator_moves (
    input wire vector_valid,
    input wire waiting, // the chunk of the generator has no place to go to
    input wire u_ready, // a vector may begin
    input wire ends_source, // the last chunk of a part, or of its first source
    input wire last_chunk,
    input wire last_plane,
    input wire last_part,
    output wire moves,        // the next chunk comes into the generator
    output wire moves_source, // and begins a source, a plane, a part or a vector
    output wire moves_plane,  // and begins a plane, a part or a vector
    output wire moves_group   // and begins a row group or a vector
);
  wire begins_group = last_chunk && last_plane && last_part;
  assign moves = vector_valid ? !waiting : u_ready;
  assign moves_source = vector_valid ? !waiting && ends_source : u_ready;
  assign moves_plane = vector_valid ? !waiting && last_chunk : u_ready;
  assign moves_group = vector_valid ? !waiting && begins_group : u_ready;
endmodule
