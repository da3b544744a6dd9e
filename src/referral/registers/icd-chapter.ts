/** A chapter of ICD-10 (WHO 2019; the Chinese editions have the same ranges). */
export interface IcdChapter {
  /** Its number, as `IX`. */
  code: string;
  /** Its first and last category. */
  from: string;
  to: string;
  zh: string;
  en: string;
}

export const icdChapters: readonly IcdChapter[] = [
  {
    code: 'I',
    from: 'A00',
    to: 'B99',
    zh: '某些传染病和寄生虫病',
    en: 'Certain infectious and parasitic diseases',
  },
  { code: 'II', from: 'C00', to: 'D48', zh: '肿瘤', en: 'Neoplasms' },
  {
    code: 'III',
    from: 'D50',
    to: 'D89',
    zh: '血液及造血器官疾病和涉及免疫机制的某些疾患',
    en: 'Diseases of the blood and certain immune disorders',
  },
  {
    code: 'IV',
    from: 'E00',
    to: 'E90',
    zh: '内分泌、营养和代谢疾病',
    en: 'Endocrine, nutritional and metabolic diseases',
  },
  { code: 'V', from: 'F00', to: 'F99', zh: '精神和行为障碍', en: 'Mental and behavioural disorders' },
  { code: 'VI', from: 'G00', to: 'G99', zh: '神经系统疾病', en: 'Diseases of the nervous system' },
  { code: 'VII', from: 'H00', to: 'H59', zh: '眼和附器疾病', en: 'Diseases of the eye and adnexa' },
  { code: 'VIII', from: 'H60', to: 'H95', zh: '耳和乳突疾病', en: 'Diseases of the ear and mastoid process' },
  { code: 'IX', from: 'I00', to: 'I99', zh: '循环系统疾病', en: 'Diseases of the circulatory system' },
  { code: 'X', from: 'J00', to: 'J99', zh: '呼吸系统疾病', en: 'Diseases of the respiratory system' },
  { code: 'XI', from: 'K00', to: 'K93', zh: '消化系统疾病', en: 'Diseases of the digestive system' },
  {
    code: 'XII',
    from: 'L00',
    to: 'L99',
    zh: '皮肤和皮下组织疾病',
    en: 'Diseases of the skin and subcutaneous tissue',
  },
  {
    code: 'XIII',
    from: 'M00',
    to: 'M99',
    zh: '肌肉骨骼系统和结缔组织疾病',
    en: 'Diseases of the musculoskeletal system and connective tissue',
  },
  { code: 'XIV', from: 'N00', to: 'N99', zh: '泌尿生殖系统疾病', en: 'Diseases of the genitourinary system' },
  {
    code: 'XV',
    from: 'O00',
    to: 'O99',
    zh: '妊娠、分娩和产褥期',
    en: 'Pregnancy, childbirth and the puerperium',
  },
  {
    code: 'XVI',
    from: 'P00',
    to: 'P96',
    zh: '起源于围生期的某些情况',
    en: 'Certain conditions originating in the perinatal period',
  },
  {
    code: 'XVII',
    from: 'Q00',
    to: 'Q99',
    zh: '先天性畸形、变形和染色体异常',
    en: 'Congenital malformations and chromosomal abnormalities',
  },
  {
    code: 'XVIII',
    from: 'R00',
    to: 'R99',
    zh: '症状、体征和临床与实验室异常所见',
    en: 'Symptoms, signs and abnormal findings',
  },
  {
    code: 'XIX',
    from: 'S00',
    to: 'T98',
    zh: '损伤、中毒和外因的某些其他后果',
    en: 'Injury, poisoning and certain other consequences of external causes',
  },
  {
    code: 'XX',
    from: 'V01',
    to: 'Y98',
    zh: '疾病和死亡的外因',
    en: 'External causes of morbidity and mortality',
  },
  {
    code: 'XXI',
    from: 'Z00',
    to: 'Z99',
    zh: '影响健康状态和与保健机构接触的因素',
    en: 'Factors influencing health status and contact with health services',
  },
  { code: 'XXII', from: 'U00', to: 'U99', zh: '用于特殊目的的编码', en: 'Codes for special purposes' },
];

/** The chapter that a code of ICD-10 is in. */
export function icdChapter(code: string): IcdChapter | undefined {
  const category = code.slice(0, 3).toUpperCase();
  return icdChapters.find(({ from, to }) => from <= category && category <= to);
}
