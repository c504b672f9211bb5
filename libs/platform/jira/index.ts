export { link, paragraph, text, type Inline } from './document';
export { comment, createIssue, endIssue, findIssue, type JiraSite, type NewIssue } from './issues';
