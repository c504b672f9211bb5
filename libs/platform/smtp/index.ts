export { sendMail, smtpServerOf, type Mail, type SmtpServer } from './send-mail';
