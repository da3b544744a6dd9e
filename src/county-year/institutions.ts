import { readBundle, type Tier } from './plan.ts';

const base = 'https://w3id.org/zhuanzhen';

/** Who sends and receives, with whom: ids of the example community, and of what stands beside it. */
export interface Institution {
  id: string;
  name: string;
  tier: Tier;
  /** The PractitionerRole that refers, and who the doctor is. */
  doctor: { id: string; name: string };
  /** The township health centre that a village clinic belongs to. */
  above?: string;
}

/** What receives patients at an institution: a department of a specialty, and its liaison. */
export interface Department {
  id: string;
  name: string;
  specialty: string;
}

/** Townships and village clinics beside those of the example, each made like one of them. */
const townships: readonly [id: string, name: string, doctor: string][] = [
  ['longquan', '龙泉镇卫生院', '郑海燕'],
  ['shuanghe', '双河镇卫生院', '何文斌'],
  ['taiping', '太平乡卫生院', '郭玉梅'],
  ['xinmin', '新民乡卫生院', '罗建军'],
  ['gucheng', '古城镇卫生院', '宋丽娟'],
];
const villages: readonly [id: string, name: string, doctor: string, above: string][] = [
  ['longwan', '龙湾村卫生室', '孙永福', 'longquan-health-centre'],
  ['hedong', '河东村卫生室', '冯玉兰', 'shuanghe-health-centre'],
  ['pingan', '平安村卫生室', '曹志明', 'taiping-health-centre'],
  ['xinzhuang', '新庄村卫生室', '丁桂花', 'xinmin-health-centre'],
  ['beiguan', '北关村卫生室', '邓桂芳', 'gucheng-health-centre'],
];

/** The institutions between which patients are referred. */
export const institutions: readonly Institution[] = [
  institution('yongan-county-hospital', '永安县人民医院', 'county', 'zhou-hang-yongan', '周航'),
  institution('qingshi-health-centre', '青石镇中心卫生院', 'township', 'chen-lixin-qingshi', '陈立新'),
  institution('hekou-health-centre', '河口镇卫生院', 'township', 'ma-junjie-hekou', '马俊杰'),
  ...townships.map(([id, name, doctor]) =>
    institution(`${id}-health-centre`, name, 'township', `doctor-${id}`, doctor),
  ),
  {
    ...institution('liugou-clinic', '柳沟村卫生室', 'village', 'liu-baoguo-liugou', '刘保国'),
    above: 'qingshi-health-centre',
  },
  {
    ...institution('shiqiao-clinic', '石桥村卫生室', 'village', 'shi-guilan-shiqiao', '石桂兰'),
    above: 'hekou-health-centre',
  },
  ...villages.map(([id, name, doctor, above]) => ({
    ...institution(`${id}-clinic`, name, 'village', `doctor-${id}`, doctor),
    above,
  })),
  institution('linjiang-municipal-hospital', '临江市人民医院', 'municipal', 'gao-yuan-linjiang', '高远'),
];

/** The departments of the hospitals; a township has one, of general practice. */
export const departments: Readonly<Record<string, readonly Department[]>> = {
  'yongan-county-hospital': [
    { id: 'yongan-emergency', name: '急诊科', specialty: '20' },
    { id: 'yongan-cardiology', name: '心血管内科', specialty: '03.04' },
    { id: 'yongan-neurology', name: '神经内科', specialty: '03.03' },
    { id: 'yongan-endocrinology', name: '内分泌科', specialty: '03.07' },
    { id: 'yongan-orthopaedics', name: '骨科', specialty: '04.03' },
  ],
  'linjiang-municipal-hospital': [
    { id: 'linjiang-emergency', name: '急诊医学中心', specialty: '20' },
    { id: 'linjiang-cardiology', name: '心血管内科', specialty: '03.04' },
    { id: 'linjiang-neurology', name: '神经内科', specialty: '03.03' },
  ],
};

/** Who answers for an institution as its liaison: a PractitionerRole. */
export const liaisons: Readonly<Record<string, { id: string; name: string }>> = {
  'yongan-county-hospital': { id: 'li-hui-yongan', name: '李慧' },
  'linjiang-municipal-hospital': { id: 'gao-yuan-linjiang', name: '高远' },
};

function institution(id: string, name: string, tier: Tier, doctor: string, called: string): Institution {
  return { id, name, tier, doctor: { id: doctor, name: called } };
}

/**
 * The transaction that puts the community there: the example's, whose agreements and offices hold in the year that is
 * made, and the institutions beside it, each a copy of one of its kind.
 */
export function communityOf(year: number): object {
  const { entry, ...bundle } = readBundle('community');
  const text = JSON.stringify(entry.filter(({ resource }) => !isSlot(resource)));
  const own = JSON.parse(text.replaceAll('"start":"2026-01-01"', `"start":"${year}-01-01"`)) as Entry[];
  const copies = [
    ...townships.flatMap(([id, name, doctor]) =>
      copied(own, 'hekou', '河口镇卫生院', ['ma-junjie', '马俊杰'], id, name, doctor),
    ),
    ...villages.flatMap(([id, name, doctor]) =>
      copied(own, 'shiqiao', '石桥村卫生室', ['shi-guilan', '石桂兰'], id, name, doctor),
    ),
  ];
  return { ...bundle, entry: [...own, ...copies] };
}

interface Entry {
  fullUrl?: string;
  resource: { resourceType: string; id?: string };
  request: { method: string; url: string };
}

function isSlot(resource: object): boolean {
  return (resource as Entry['resource']).resourceType === 'Slot';
}

/** What the community has of one institution, as of another one. */
function copied(
  own: readonly Entry[],
  like: string,
  likeName: string,
  [likeDoctor, likeDoctorName]: readonly [string, string],
  id: string,
  name: string,
  doctor: string,
): Entry[] {
  return own
    .filter(({ resource }) => JSON.stringify(resource).includes(like) || resource.id === likeDoctor)
    .map((entry) => {
      const text = JSON.stringify(entry)
        .replaceAll(`${likeDoctor}-${like}`, `doctor-${id}`)
        .replaceAll(likeDoctor, `person-${id}`)
        .replaceAll(likeDoctorName, doctor)
        .replaceAll(likeName, name)
        .replaceAll(like, id);
      const { fullUrl: _, ...copy } = JSON.parse(text) as Entry;
      return copy;
    })
    .map((entry) => ({ ...entry, fullUrl: `${base}/made/${entry.request.url}` }));
}
