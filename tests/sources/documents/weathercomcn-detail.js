var alarminfo={
 "head": "示例市示例区发布暴雨黄色预警信号",
 "ALERTID": "示例",
 "PROVINCE": "示例市",
 "CITY": "示例市",
 "STATIONNAME": "示例区",
 "SIGNALTYPE": "暴雨",
 "SIGNALLEVEL": "黄色",
 "TYPECODE": "02",
 "LEVELCODE": "02",
 "ISSUETIME": "2026-07-01 09:25:00",
 "ISSUECONTENT": "示例区气象台发布暴雨黄色预警信号（合成）",
 "UNDERWRITER": "示例员甲",
 "RELIEVETIME": "2026-07-01 15:30:00",
 "msgType": "Alert",
 "identifier": "50015641600000_20260701093000",
 "references": "50015641600000_20260701093000"
};