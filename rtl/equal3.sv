// Whether three bits are equal: one LUT6. A module of its own, so that synthesis does not take it apart.
module equal3 (
    input wire [2:0] a,
    input wire [2:0] b,
    output wire equal
);
  assign equal = a == b;
endmodule
