import { proxiesFrom } from '../../src/platform/trusted-proxies';

test('given nothing, then no proxy is trusted', () => {
  expect([undefined, '', ' , '].map((text) => proxiesFrom(text))).toEqual([[], [], []]);
});

test('given addresses, ranges and names of ranges, then they are trusted', () => {
  expect(proxiesFrom('10.0.0.5, 192.168.0.0/16,::1,fd00::/8 ,loopback')).toEqual([
    '10.0.0.5',
    '192.168.0.0/16',
    '::1',
    'fd00::/8',
    'loopback',
  ]);
});

test.each(['true', '*', '1', 'proxy.example.com', '10.0.0.0/33', '0.0.0.0/0', '10.0.0.0/8/8', 'fe80::1%eth0'])(
  'given "%s", then it is said that it is no address',
  (wrong) => {
    expect(() => proxiesFrom(`10.0.0.5,${wrong}`)).toThrow(
      `TRUSTED_PROXIES names "${wrong}", which is no address and no range.`,
    );
  },
);
