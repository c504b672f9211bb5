import PDFDocument from 'pdfkit';
import type { SignedCertificate } from './core/certificate';

const MARGIN = 56;
const KEY_WIDTH = 130;

/** A certificate on paper: what was signed, and where the proof is. The signed JSON is what counts. */
export function certificatePdf({ document: of, log }: SignedCertificate): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    info: { Title: of.certificate, CreationDate: new Date(of.issuedAt) },
  });
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
    pdf.on('end', () => resolve(Buffer.concat(chunks)));
    pdf.on('error', reject);
  });
  const heading = (text: string): void => {
    pdf.moveDown(1).font('Helvetica-Bold').fontSize(12).text(text, MARGIN).moveDown(0.3);
  };
  const fact = (name: string, value: string | number): void => {
    const y = pdf.y;
    pdf.font('Helvetica').fontSize(9).fillColor('#555555').text(name, MARGIN, y, { width: KEY_WIDTH });
    pdf.fillColor('black').text(String(value), MARGIN + KEY_WIDTH, y);
    pdf.moveDown(0.15);
  };
  pdf.font('Helvetica-Bold').fontSize(18).text('Certificate of disposition');
  pdf.moveDown(0.5);
  for (const [name, value] of factsOf(of)) fact(name, value);
  heading('How');
  const { sanitization } = of;
  fact('Method (NIST SP 800-88r2)', sanitization.method);
  fact('Technique', sanitization.technique);
  fact('Tool', `${sanitization.tool} ${sanitization.toolVersion}`);
  fact('Verification', sanitization.verification);
  heading('What');
  for (const lot of of.lots) {
    fact(`Lot ${lot.lot}`, `${lot.media.type} ${lot.media.id}, class ${lot.class}, received in ${lot.period}`);
    fact(
      '',
      `${lot.kind}: ${lot.outcome}${lot.reason === null ? '' : ` (${lot.reason})`}${lot.proved ? ', proved' : ''}`,
    );
    fact('', `rows before ${lot.rowsBefore}, gone ${lot.rowsGone}, left ${lot.rowsLeft}, held ${lot.rowsHeld}`);
    fact('', `policies ${lot.policies.join(', ')}${lot.archive === null ? '' : `; archive ${lot.archive}`}`);
  }
  heading('Exceptions');
  for (const exception of of.exceptions) fact('', exception);
  heading('Proof');
  fact('Entry of the audit log', log.sequence);
  fact('Entry', log.entry);
  fact('Checkpoint', log.checkpoint);
  pdf.end();
  return whole;
}

const factsOf = (of: SignedCertificate['document']): readonly (readonly [string, string])[] => [
  ['Certificate', of.certificate],
  ['Run', of.run],
  ['Issued', of.issuedAt],
  ['Requested by', of.requestedBy],
  ['Authorised by', `${of.authorisedBy}, ${of.authorisedAt}`],
  ['Plan', of.planDigest],
  ['Policies', of.policies.join(', ') || 'built in'],
  ['Rows', `${of.totals.rowsBefore} before, ${of.totals.rowsGone} gone, ${of.totals.rowsLeft} left`],
  ['Holds', `${of.holdCheck.rowsHeld} rows held and left`],
];
