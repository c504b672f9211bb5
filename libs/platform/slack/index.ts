export { parseInteraction, verifySlackSignature, type SlackAction } from './interaction';
export { postMessage, updateMessage, type SlackApi, type SlackContent } from './web-api';
