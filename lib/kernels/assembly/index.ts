export { multiplyPanels, addOuterProducts, transposePanels, multiplyVector } from './matrix';
export { lstmForward, lstmBackward, gruForward, gruBackward } from './cells';
export { multiply, addProduct, add, copy, fill, scale, sumOfSquares, activate, activateBackward, dropoutMask } from './elementwise';
export { loss, adam } from './training';
export { forestPathLengths } from './forest';
