/* Vectors, stacks and cleared memory of a Cortex-A9 that starts at address 0. */
    .syntax unified
    .arm
    .section .vectors, "ax"
    .global _start
_start:
    b reset
    b . /* undefined instruction */
    b . /* supervisor call */
    b . /* prefetch abort */
    b . /* data abort */
    b .
    b irq_handler
    b . /* fast interrupt */

    .text
    .type reset, %function
reset:
    cps #0x12 /* interrupt mode */
    ldr sp, =irq_stack_top
    cps #0x13 /* supervisor mode */
    ldr sp, =stack_top
    ldr r0, =bss_begin
    ldr r1, =bss_end
    mov r2, #0
1:  cmp r0, r1
    strlo r2, [r0], #4
    blo 1b
    bl main
2:  wfi
    b 2b
    .size reset, . - reset
