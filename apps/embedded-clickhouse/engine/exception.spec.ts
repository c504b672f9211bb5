import { asException, exception, httpStatusOf } from './exception';

describe('an exception', () => {
  it('has its code, its name, and the form that clients read', () => {
    expect(exception('SYNTAX_ERROR', 'No.')).toMatchObject({
      code: 62,
      message: 'Code: 62. DB::Exception: No. (SYNTAX_ERROR)',
    });
  });

  it('of the engine is said once, and names no file of the spool', () => {
    const nested =
      'Code: 27. DB::Exception: Code: 27. DB::Exception: Cannot parse: (in file/uri /spool/x/bodies/12): data for INSERT. (CANNOT_PARSE) (version 26.7.2.1). (CANNOT_PARSE)';
    expect(asException(new Error(nested), '/spool/x')).toMatchObject({
      code: 27,
      message:
        'Code: 27. DB::Exception: Cannot parse: (in file/uri the request): data for INSERT. (CANNOT_PARSE) (version 26.7.2.1)',
    });
  });

  it('is made of anything else, too', () => {
    expect(asException(new TypeError('odd'), '/spool')).toMatchObject({ code: 1002 });
    const own = exception('ABORTED', 'Gone.');
    expect(asException(own, '/spool')).toBe(own);
  });

  it('tells by its status whether the client can do something about it', () => {
    expect([62, 60, 516, 307, 243, 159, 241, 395].map(httpStatusOf)).toEqual([400, 404, 403, 413, 507, 408, 500, 500]);
  });
});
