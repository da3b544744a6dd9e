/** The part of the library that is used here; it has no declarations of its own. */
declare module '@lhncbc/ucum-lhc' {
  export interface Conversion {
    status: 'succeeded' | 'failed' | 'invalid' | 'error';
    magnitude: number;
    unitToExp: Record<string, number>;
    fromUnitIsSpecial: boolean;
  }
  const ucum: {
    UcumLhcUtils: {
      getInstance(): {
        convertToBaseUnits(code: string, value: number): Conversion;
        validateUnitString(code: string): { status: 'valid' | 'invalid' | 'error' };
      };
    };
  };
  export default ucum;
}
